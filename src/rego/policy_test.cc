#include "rego/policy.h"

#include <gtest/gtest.h>

#include <array>
#include <thread>

#include "rego/regex.h"

namespace trustee::rego {
namespace {

constexpr std::array<Rule, 1> kAllow = {Rule{"data.policy.allow", true}};
constexpr std::array<Rule, 2> kTwo = {Rule{"data.policy.trust_claims", true},
                                      Rule{"data.policy.extensions", false}};

Code compile_code(std::string_view text, const CompileOptions& options = {}) {
  const auto policy = Policy::compile(text, kAllow, options);
  EXPECT_FALSE(policy.ok());
  return policy.ok() ? Code(Errc::engine) : policy.error().code();
}

TEST(Policy, refuses_what_could_never_answer_and_says_why) {
  EXPECT_EQ(compile_code("package policy\n\nallow { true }\n"), Code(Errc::syntax));
  EXPECT_EQ(compile_code("hello there"), Code(Errc::syntax));
  EXPECT_EQ(compile_code("package other\n\nallow := true\n"), Code(Errc::wrong_package));
  EXPECT_EQ(compile_code("package policy\n\npermit := true\n"), Code(Errc::rule_missing));
  EXPECT_EQ(compile_code("package policy\n\nallow := no_such_function(1)\n"),
            Code(Errc::unknown_function));
  EXPECT_EQ(compile_code("package policy\n\nallow := query_reference_value(\"x\") == 1\n"),
            Code(Errc::unknown_function));
  const auto syntax = Policy::compile("package policy\n\nallow {\n", kAllow);
  ASSERT_FALSE(syntax.ok());
  EXPECT_NE(syntax.error().detail().find("3"), std::string::npos) << syntax.error().detail();
}

TEST(Policy, lenient_compilation_keeps_the_finding) {
  const auto policy = Policy::compile("package other\n\nx := 1\n", kAllow, {.lenient = true});
  ASSERT_TRUE(policy.ok()) << policy.error().to_string();
  EXPECT_FALSE(policy->has_rule(0));
  EXPECT_FALSE(policy->finding().empty());
  const auto evaluation = policy->evaluate({.input = "{}"});
  ASSERT_TRUE(evaluation.ok());
  EXPECT_EQ(evaluation->rules[0].state, RuleOutcome::State::missing);
}

TEST(Policy, tells_missing_undefined_and_values_apart) {
  const auto policy =
      Policy::compile("package policy\n\ntrust_claims := {\"hardware\": 2} if input.good\n", kTwo);
  ASSERT_TRUE(policy.ok()) << policy.error().to_string();
  const auto good = policy->evaluate({.input = "{\"good\":true}"});
  ASSERT_TRUE(good.ok());
  EXPECT_EQ(good->rules[0].state, RuleOutcome::State::value);
  EXPECT_EQ(good->rules[0].json, "{\"hardware\":2}");
  EXPECT_EQ(good->rules[1].state, RuleOutcome::State::missing);
  const auto bad = policy->evaluate({.input = "{\"good\":false}"});
  ASSERT_TRUE(bad.ok());
  EXPECT_EQ(bad->rules[0].state, RuleOutcome::State::undefined);
}

TEST(Policy, sees_data_of_each_request) {
  const auto policy = Policy::compile("package policy\n\nallow := data.plugin == \"resource\"\n",
                                      kAllow, {.data_keys = {"plugin"}});
  ASSERT_TRUE(policy.ok());
  EXPECT_EQ(policy->evaluate({.input = "{}", .data = "{\"plugin\":\"resource\"}"})->rules[0].json,
            "true");
  EXPECT_EQ(policy->evaluate({.input = "{}", .data = "{\"plugin\":\"x\"}"})->rules[0].json,
            "false");
}

constexpr std::string_view kWithReferences =
    "package policy\n\ndefault allow := false\n\n"
    "allow if input.svn in query_reference_value(\"svn\")\n";

TEST(Policy, answers_reference_values_from_set_and_overlay_and_records_what_was_asked) {
  const auto policy = Policy::compile(kWithReferences, kAllow, {.reference_values = true});
  ASSERT_TRUE(policy.ok()) << policy.error().to_string();
  EXPECT_EQ(policy->reference_names(), std::vector<std::string>{"svn"});
  const std::array<NamedJson, 1> items = {NamedJson{"svn", "[\"1\"]"}};
  const auto set = ReferenceSet::create(items);
  ASSERT_TRUE(set.ok());
  const auto from_set = policy->evaluate({.input = "{\"svn\":\"1\"}", .references = &*set});
  ASSERT_TRUE(from_set.ok());
  EXPECT_EQ(from_set->rules[0].json, "true");
  ASSERT_EQ(from_set->queries.size(), 1U);
  EXPECT_EQ(from_set->queries[0].name, "svn");
  EXPECT_TRUE(from_set->queries[0].found);
  const std::array<NamedJson, 1> other = {NamedJson{"svn", "[\"2\"]"}};
  EXPECT_EQ(policy->evaluate({.input = "{\"svn\":\"1\"}", .references = &*set, .overlay = other})
                ->rules[0]
                .json,
            "false");
  const auto unknown = policy->evaluate({.input = "{\"svn\":\"1\"}"});
  ASSERT_TRUE(unknown.ok());
  EXPECT_EQ(unknown->rules[0].json, "false");
  EXPECT_FALSE(unknown->queries[0].found);
  const auto needed =
      policy->evaluate({.input = "{\"svn\":\"1\"}", .unknown = UnknownReference::is_needed});
  ASSERT_TRUE(needed.ok());
  EXPECT_TRUE(needed->needs_references);
  EXPECT_EQ(needed->queries[0].name, "svn");
}

TEST(Policy, a_runaway_policy_is_stopped) {
  const auto policy = Policy::compile(
      "package policy\n\nallow := count([1 | some i in numbers.range(1, 100000); some j in "
      "numbers.range(1, 100000); i * j == 7]) > 0\n",
      kAllow);
  ASSERT_TRUE(policy.ok()) << policy.error().to_string();
  const auto stopped =
      policy->evaluate({.input = "{}", .time_limit = std::chrono::milliseconds(50)});
  ASSERT_FALSE(stopped.ok());
  EXPECT_TRUE(stopped.error().is(Errc::time_limit)) << stopped.error().to_string();
}

TEST(Policy, input_that_is_not_json_is_an_error) {
  const auto policy = Policy::compile("package policy\n\nallow := true\n", kAllow);
  EXPECT_TRUE(policy->evaluate({.input = "{"}).error().is(Errc::input_invalid));
}

TEST(Policy, many_threads_share_one_policy) {
  const auto policy = Policy::compile(kWithReferences, kAllow, {.reference_values = true});
  const std::array<NamedJson, 1> items = {NamedJson{"svn", "[\"1\"]"}};
  const auto set = ReferenceSet::create(items);
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      const std::string input = t % 2 == 0 ? "{\"svn\":\"1\"}" : "{\"svn\":\"2\"}";
      const std::string expected = t % 2 == 0 ? "true" : "false";
      for (int i = 0; i < 100; ++i) {
        const auto e = policy->evaluate({.input = input, .references = &*set});
        if (e.ok() && e->rules[0].json == expected) ++right;
      }
    });
  }
  for (auto& t : threads) {
    t.join();
  }
  EXPECT_EQ(right.load(), 800);
}

TEST(ReferenceSet, grows_and_shrinks_without_touching_the_old_one) {
  const std::array<NamedJson, 2> items = {NamedJson{"a", "1"}, NamedJson{"b", "{\"x\":[1,null]}"}};
  const auto set = ReferenceSet::create(items);
  ASSERT_TRUE(set.ok());
  const std::array<NamedJson, 1> more = {NamedJson{"c", "\"z\""}};
  const auto bigger = set->with(more);
  ASSERT_TRUE(bigger.ok());
  EXPECT_EQ(set->size(), 2U);
  EXPECT_EQ(bigger->size(), 3U);
  EXPECT_EQ(bigger->get("b")->value(), "{\"x\":[1,null]}");
  EXPECT_FALSE(set->get("c")->has_value());
  const std::array<std::string_view, 2> names = {"a", "nosuch"};
  EXPECT_EQ(bigger->without(names)->size(), 2U);
  const std::array<NamedJson, 1> broken = {NamedJson{"d", "{"}};
  EXPECT_TRUE(set->with(broken).error().is(Errc::input_invalid));
}

TEST(Regex, matches_in_full_whatever_the_alternation) {
  const auto regex = Regex::compile("a|b");
  ASSERT_TRUE(regex.ok());
  EXPECT_TRUE(regex->matches("b"));
  EXPECT_FALSE(regex->matches("bc"));
  EXPECT_FALSE(regex->matches("xa"));
  EXPECT_FALSE(regex->matches("\xff"));
  EXPECT_TRUE(Regex::compile("(xyz").error().is(Errc::pattern_invalid));
}

}  // namespace
}  // namespace trustee::rego

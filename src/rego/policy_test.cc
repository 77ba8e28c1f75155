#include "rego/policy.h"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <sstream>
#include <thread>

#include "rego/regex.h"

namespace trustee::rego {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr WantedRule kAllow[] = {{"data.policy.allow"}};
constexpr WantedRule kAppraisal[] = {{"data.policy.trust_claims"},
                                     {"data.policy.extensions", false}};
constexpr std::string_view kDataMembers[] = {"plugin", "query", "resource-path"};

std::string file(const std::string& name) {
  std::ifstream in("rust/testdata/" + name);
  std::ostringstream text;
  text << in.rdbuf();
  EXPECT_TRUE(in.good()) << name;
  return text.str();
}

CompileOptions wanting(std::span<const WantedRule> rules) {
  return {.rules = rules, .reference_values = true};
}

Policy policy(const std::string& body) {
  auto compiled = Policy::compile("package policy\n" + body, wanting(kAllow));
  EXPECT_TRUE(compiled.ok()) << compiled.error().to_string();
  return std::move(compiled).value();
}

Code refusal(const std::string& text) {
  return Policy::compile(text, wanting(kAllow)).error().code();
}

Request asking(std::string_view input) { return {.input = input, .time_limit = seconds(20)}; }

RuleResult allow(const Policy& p, const Request& request) {
  auto evaluation = p.evaluate(request);
  EXPECT_TRUE(evaluation.ok()) << evaluation.error().to_string();
  return evaluation->rules.at(0);
}

ReferenceSet references(std::initializer_list<NamedJson> values) {
  return ReferenceSet::create(std::span(values.begin(), values.size())).value();
}

TEST(Policy, refuses_with_the_code_of_the_rule_broken) {
  EXPECT_EQ(refusal("package policy\nallow {"), Code(Errc::syntax));
  EXPECT_EQ(refusal("package policy\nallow if { x == 1 }"), Code(Errc::unsound));
  EXPECT_EQ(refusal("package other\nallow := 1"), Code(Errc::wrong_package));
  EXPECT_EQ(refusal("package policy\npermit := 1"), Code(Errc::rule_missing));
  EXPECT_EQ(refusal("package policy\nallow := f(1)"), Code(Errc::unknown_function));
  EXPECT_EQ(refusal("package policy\nf(x) := f(x)\nallow := f(1)"), Code(Errc::too_deep));
  EXPECT_EQ(refusal("package policy\nallow := \"\xff\""), Code(Errc::argument_invalid));
  EXPECT_EQ(Policy::compile("package policy", CompileOptions{}).error().code(),
            Code(Errc::argument_invalid));
}

TEST(Policy, says_where_it_was_refused) {
  const auto error =
      Policy::compile("package policy\nallow if {\n  f(1)\n}", wanting(kAllow)).error();
  EXPECT_TRUE(error.detail().starts_with("line 3, column 3: ")) << error.detail();
  EXPECT_NE(error.detail().find("could not find function f"), std::string::npos);
}

TEST(Policy, compiled_leniently_is_kept_with_the_objection) {
  const auto odd = Policy::compile_lenient("package other\nallow := 1", wanting(kAllow)).value();
  ASSERT_TRUE(odd.objection.has_value());
  EXPECT_TRUE(odd.objection->is(Errc::wrong_package));
  EXPECT_FALSE(odd.policy.has_rule(0));
  EXPECT_EQ(allow(odd.policy, asking("{}")).state, RuleState::missing);
  const auto fine = Policy::compile_lenient("package policy\nallow := 1", wanting(kAllow)).value();
  EXPECT_FALSE(fine.objection.has_value());
  EXPECT_TRUE(fine.policy.has_rule(0));
  EXPECT_FALSE(fine.policy.has_rule(1));
}

TEST(Policy, evaluates_all_wanted_rules_in_order) {
  const auto cpu = Policy::compile(file("cpu_policy.rego"), wanting(kAppraisal)).value();
  const std::string claims = file("snp_claims.json");
  const auto all = cpu.evaluate(asking(claims)).value();
  ASSERT_EQ(all.rules.size(), 2U);
  EXPECT_EQ(all.rules[0].json,
            R"({"configuration":3,"executables":33,"file-system":0,"hardware":97,)"
            R"("instance-identity":0,"runtime-opaque":0,"sourced-data":0,"storage-opaque":0})");
  EXPECT_EQ(all.rules[1].json,
            R"([{"key":-18,"name":"ear.trustee.identifiers","value":{"validated":{}}}])");
  EXPECT_FALSE(all.needs_references);
  Request one = asking(claims);
  one.rule = 1;
  const auto second = cpu.evaluate(one).value();
  EXPECT_EQ(second.rules[0].state, RuleState::not_evaluated);
  EXPECT_EQ(second.rules[1].json, all.rules[1].json);
  EXPECT_TRUE(second.queries.empty());
  EXPECT_EQ(cpu.reference_names().size(), 28U);
}

TEST(Policy, answers_a_prepared_input_as_its_text) {
  const Policy p = policy("allow := [input.x, query_reference_value(\"a\"), data]");
  const auto input = PreparedInput::create(R"({"x":[1.50,"\u00e9",null]})");
  ASSERT_TRUE(input.ok());
  for (int again = 0; again < 2; ++again) {
    const RuleResult answer =
        allow(p, {.prepared_input = &*input, .data = "{\"d\":1}", .time_limit = seconds(20)});
    EXPECT_EQ(answer.state, RuleState::value);
    EXPECT_EQ(answer.json, allow(p, {.input = R"({"x":[1.50,"\u00e9",null]})",
                                     .data = "{\"d\":1}",
                                     .time_limit = seconds(20)})
                               .json);
  }
  EXPECT_EQ(PreparedInput::create("{").error().code(), Code(Errc::json_invalid));
  EXPECT_EQ(PreparedInput::create("\"\xff\"").error().code(), Code(Errc::argument_invalid));
}

TEST(Policy, tells_missing_undefined_and_false_apart) {
  const Policy p = policy("allow := false if input.x\nallow if input.y");
  EXPECT_EQ(allow(p, asking(R"({"x":1})")).json, "false");
  EXPECT_EQ(allow(p, asking(R"({"y":1})")).json, "true");
  EXPECT_EQ(allow(p, asking("{}")).state, RuleState::undefined);
  EXPECT_EQ(allow(p, asking("")).state, RuleState::undefined);
}

TEST(Policy, sees_data_whether_its_members_were_announced_or_not) {
  const std::string text = "package policy\nallow := [data.plugin, data[\"resource-path\"][1]]";
  CompileOptions options = wanting(kAllow);
  for (const bool announced : {false, true}) {
    options.data_members = announced ? std::span<const std::string_view>(kDataMembers)
                                     : std::span<const std::string_view>();
    const Policy p = Policy::compile(text, options).value();
    Request request = asking("{}");
    request.data = R"({"plugin":"resource","resource-path":["a","b","c"],"query":{}})";
    EXPECT_EQ(allow(p, request).json, R"(["resource","b"])");
    request.data = R"({"plugin":"x","resource-path":[1,2]})";
    EXPECT_EQ(allow(p, request).json, R"(["x",2])");
    request.data = "[]";
    EXPECT_EQ(p.evaluate(request).error().code(), Code(Errc::json_invalid));
  }
}

TEST(Policy, asks_the_overlay_first_and_then_the_set) {
  const Policy p = policy("allow := [query_reference_value(x) | some x in [\"a\", \"b\", \"c\"]]");
  const NamedJson overlay[] = {{"b", "20"}};
  Request request = asking("{}");
  request.references = references({{"a", "1"}, {"b", "2"}});
  request.overlay = overlay;
  const auto evaluation = p.evaluate(request).value();
  EXPECT_EQ(evaluation.rules[0].json, "[1,20,null]");
  EXPECT_EQ(evaluation.queries,
            (std::vector<ReferenceQuery>{{"a", true}, {"b", true}, {"c", false}}));
}

TEST(Policy, reports_reference_values_that_must_be_fetched_first) {
  const Policy p = policy("allow if 1 in query_reference_value(\"a\")");
  Request request = asking("{}");
  request.unknown_reference = UnknownReference::is_needed;
  const auto first = p.evaluate(request).value();
  EXPECT_TRUE(first.needs_references);
  EXPECT_EQ(first.rules[0].state, RuleState::not_evaluated);
  EXPECT_EQ(first.queries, (std::vector<ReferenceQuery>{{"a", false}}));
  request.references = references({{"a", "[1]"}});
  const auto second = p.evaluate(request).value();
  EXPECT_FALSE(second.needs_references);
  EXPECT_EQ(second.rules[0].json, "true");
}

TEST(Policy, without_reference_values_knows_no_such_function) {
  const CompileOptions options{.rules = kAllow};
  EXPECT_EQ(Policy::compile("package policy\nallow := query_reference_value(\"a\")", options)
                .error()
                .code(),
            Code(Errc::unknown_function));
}

TEST(Policy, evaluation_fails_with_the_code_of_the_cause) {
  EXPECT_EQ(policy("allow := count(null)").evaluate(asking("{}")).error().code(),
            Code(Errc::evaluation_failed));
  EXPECT_EQ(policy("allow := 1").evaluate(asking("{")).error().code(), Code(Errc::json_invalid));
  Request no_time = asking("{}");
  no_time.time_limit = milliseconds(0);
  EXPECT_EQ(policy("allow := 1").evaluate(no_time).error().code(), Code(Errc::argument_invalid));
  Request no_rule = asking("{}");
  no_rule.rule = 1;
  EXPECT_EQ(policy("allow := 1").evaluate(no_rule).error().code(), Code(Errc::argument_invalid));
  const Policy runaway = policy(
      "allow := count([1 | some x in numbers.range(1, 100000);"
      " some y in numbers.range(1, 100000); x == y])");
  Request soon = asking("{}");
  soon.time_limit = milliseconds(50);
  EXPECT_EQ(runaway.evaluate(soon).error().code(), Code(Errc::time_limit));
}

TEST(Policy, is_shared_by_threads_that_change_their_own_references) {
  const Policy p = policy("allow := [input.n, query_reference_value(\"n\")]");
  ReferenceSet shared = references({{"other", "1"}});
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&p, &right, mine = shared, t]() mutable {
      for (int i = 0; i < 50; ++i) {
        const std::string n = std::to_string(1000 * t + i);
        const NamedJson value[] = {{"n", n}};
        mine = mine.with(value).value();
        const std::string input = "{\"n\":" + n + "}";
        Request request = asking(input);
        request.references = mine;
        if (p.evaluate(request).value().rules[0].json == "[" + n + "," + n + "]") ++right;
      }
    });
  }
  for (std::thread& t : threads) {
    t.join();
  }
  EXPECT_EQ(right, 200);
  EXPECT_EQ(shared.size(), 1U);
}

TEST(ReferenceSet, versions_do_not_see_each_others_changes) {
  const ReferenceSet empty;
  const NamedJson one[] = {{"a", "1"}, {"a", "[ 2 ]"}, {"b", "\"x\""}};
  const ReferenceSet first = empty.with(one).value();
  const std::string_view gone[] = {"a", "never there"};
  const ReferenceSet second = first.without(gone).value();
  EXPECT_EQ(empty.size(), 0U);
  EXPECT_EQ(first.size(), 2U);
  EXPECT_EQ(second.size(), 1U);
  EXPECT_EQ(first.get("a").value(), "[2]");
  EXPECT_EQ(second.get("a").value(), std::nullopt);
  EXPECT_EQ(second.get("b").value(), "\"x\"");
  EXPECT_EQ(empty.get("b").value(), std::nullopt);
  EXPECT_EQ(empty.without(gone).value().size(), 0U);
}

TEST(ReferenceSet, refuses_what_is_not_json_and_names_it) {
  const NamedJson bad[] = {{"good", "1"}, {"broken", "{"}};
  const auto error = ReferenceSet::create(bad).error();
  EXPECT_TRUE(error.is(Errc::json_invalid));
  EXPECT_NE(error.detail().find("`broken`"), std::string::npos) << error.detail();
  const NamedJson not_text[] = {{"\xff", "1"}};
  EXPECT_TRUE(ReferenceSet::create(not_text).error().is(Errc::argument_invalid));
}

TEST(Regex, matches_the_whole_text_only) {
  const Regex either = Regex::compile("a|bc").value();
  EXPECT_TRUE(either.matches("a"));
  EXPECT_TRUE(either.matches("bc"));
  EXPECT_FALSE(either.matches("abc"));
  EXPECT_FALSE(either.matches(""));
  EXPECT_FALSE(either.matches("a\xff"));
  EXPECT_TRUE(Regex::compile("").value().matches(""));
}

TEST(Regex, refuses_what_is_no_pattern) {
  EXPECT_EQ(Regex::compile("a)|(b").error().code(), Code(Errc::regex_invalid));
  EXPECT_EQ(Regex::compile("(?=a)").error().code(), Code(Errc::regex_invalid));
  EXPECT_EQ(Regex::compile("\xff").error().code(), Code(Errc::argument_invalid));
}

}  // namespace
}  // namespace trustee::rego

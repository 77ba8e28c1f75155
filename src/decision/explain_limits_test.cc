// What an explanation does at its limits: it stops, and claims nothing about what it did not try.

#include <gtest/gtest.h>

#include "decision/explain.h"
#include "decision/internal/claim_paths.h"
#include "tests/support/fixed_clock.h"

namespace trustee::decision {
namespace {

using std::chrono::milliseconds;

const FixedClock& fixed_clock() {
  static const FixedClock clock(from_unix_seconds(1'790'000'000));
  return clock;
}

/// Holds always, after far more than a millisecond and far less than ten seconds.
constexpr std::string_view kSlow =
    "slow if count([1 | some x in numbers.range(1, 300); some y in numbers.range(1, 300); "
    "x == y]) == 300\n";

Release release_of(std::string_view rules, std::string token) {
  const std::string policy =
      "package policy\nimport rego.v1\ndefault allow := false\n" + std::string(rules);
  const rego::WantedRule rule[] = {{.path = "data.policy.allow"}};
  return {"resource/a/b/c",
          std::move(token),
          R"({"plugin":"resource","resource-path":["a","b","c"],"query":{}})",
          "",
          policy,
          rego::Policy::compile(policy, {.rules = rule}).value()};
}

Device device_of(std::string_view rules, std::string claims) {
  const std::string policy =
      "package policy\nimport rego.v1\ndefault hardware := 97\n"
      "trust_claims := {\"hardware\": hardware}\n" +
      std::string(rules);
  return {"cpu0", "t", std::move(claims), appraise::Policy::compile("p", policy).value(), {}};
}

using Lines = std::vector<std::string>;

TEST(ExplainLimits, a_release_that_was_not_tried_to_the_end_is_not_called_hopeless) {
  const Release release = release_of("allow if input.a == 1\n", R"({"b":7,"a":2})");
  for (const std::size_t evaluations : {0U, 1U}) {
    const auto e = explain_release(release, fixed_clock(), {.evaluations = evaluations}).value();
    EXPECT_TRUE(e.exhausted);
    EXPECT_EQ(e.evaluations, evaluations);
    EXPECT_EQ(e.lines, (Lines{"the resource policy's `allow` is false",
                              "the search was stopped after " + std::to_string(evaluations) +
                                  " evaluations; there may be more"}));
  }
  const auto all = explain_release(release, fixed_clock()).value();
  EXPECT_FALSE(all.exhausted);
  EXPECT_EQ(all.lines, (Lines{"the resource policy's `allow` is false",
                              "claim `a` is `2`; the policy itself wants `1`"}));
}

TEST(ExplainLimits, what_was_found_before_the_end_is_told) {
  const Release release =
      release_of("allow if not input.x\nallow if input.a == 1\n", R"({"a":2,"x":true})");
  std::size_t needed = 0;
  for (Explanation e; e.remedies.size() < 3; ++needed) {
    ASSERT_LT(needed, 20U);
    e = explain_release(release, fixed_clock(), {.evaluations = needed}).value();
    EXPECT_EQ(e.exhausted, e.remedies.size() < 3) << needed;
    EXPECT_EQ(e.lines.size(), 1 + e.remedies.size() + (e.exhausted ? 1 : 0)) << needed;
  }
}

TEST(ExplainLimits, a_device_that_was_not_tried_to_the_end_is_not_called_hopeless) {
  const Device device = device_of("hardware := 2 if input.a == 1\n", R"({"b":7,"a":2})");
  const auto one = explain_device(device, {}, fixed_clock(), {.evaluations = 1}).value();
  EXPECT_EQ(one.lines, (Lines{"cpu0 is contraindicated: hardware 97 (unrecognized hardware)",
                              "the search was stopped after 1 evaluations; there may be more"}));
  const auto none = explain_device(device, {}, fixed_clock(), {.evaluations = 0}).value();
  EXPECT_EQ(none.lines, Lines{"the search was stopped after 0 evaluations; there may be more"});
}

// 2,000 claims that 250 values are tried for, 2 MiB to copy each time.
TEST(ExplainLimits, nothing_is_copied_for_what_will_not_be_asked) {
  std::string rules = "values := [";
  for (int i = 0; i < 250; ++i) {
    rules += "\n\"v" + std::to_string(i) + "\",";
  }
  rules.back() = ']';
  json::Array claims(2'000, json::Value(std::string(1'000, 'x')));
  const Release release = release_of(rules + "\nallow if input.a in values\n",
                                     json::write(json::Object{{"claims", std::move(claims)}}));
  const auto e = explain_release(release, fixed_clock(), {.evaluations = 1}).value();
  EXPECT_TRUE(e.exhausted);
  EXPECT_EQ(e.evaluations, 1U);
}

TEST(ExplainLimits, one_evaluation_takes_no_longer_than_what_is_left) {
  const ExplainLimits little{.time = milliseconds(1)};  // of a clock that stands still
  const Release release =
      release_of(std::string(kSlow) + "allow if {\nslow\ninput.a == 1\n}\n", R"({"a":2})");
  EXPECT_EQ(explain_release(release, fixed_clock())->remedies.size(), 1U);
  const auto stopped = explain_release(release, fixed_clock(), little).value();
  EXPECT_EQ(stopped.lines,
            (Lines{"the resource policy's `allow` is false",
                   "the search was stopped after 1 evaluations; there may be more"}));
  const Device device =
      device_of(std::string(kSlow) + "hardware := 2 if {\nslow\ninput.a == 1\n}\n", R"({"a":2})");
  EXPECT_EQ(explain_device(device, {}, fixed_clock())->remedies.size(), 1U);
  EXPECT_EQ(explain_device(device, {}, fixed_clock(), little)->lines,
            Lines{"the search was stopped after 1 evaluations; there may be more"});
}

TEST(ClaimPaths, a_claim_is_changed_or_taken_away_in_place) {
  json::Value document = json::parse(R"({"a":[{"b":1},{"b":2}],"c":3})").value();
  const json::Value seven(7);
  internal::set_claim(document, {"a", std::size_t{1}, "b"}, &seven);
  internal::set_claim(document, {"c"}, nullptr);
  EXPECT_EQ(json::write(document), R"({"a":[{"b":1},{"b":7}]})");
}

TEST(ClaimPaths, are_printable_whatever_the_names_are) {
  EXPECT_EQ(internal::to_string({"a", "b\n\x1b[2J", std::size_t{3}, "\xE2\x80\xAE", "c d"}),
            "a[\"b\\n\\u001b[2J\"][3][\"\\u202e\"][\"c d\"]");
}

}  // namespace
}  // namespace trustee::decision

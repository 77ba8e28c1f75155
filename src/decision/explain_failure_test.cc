#include <gtest/gtest.h>

#include "decision/explain.h"
#include "tests/support/fixed_clock.h"

namespace trustee::decision {
namespace {

TEST(Explain, tells_of_a_resource_policy_that_fails_when_it_runs) {
  constexpr std::string_view kTwoAnswers =
      "package policy\nallow := true if input.a\nallow := false if input.b\n";
  const rego::WantedRule rule[] = {{.path = "data.policy.allow"}};
  Record record;
  record.release = Release{"resource/a/b/c",
                           R"({"a":1,"b":1})",
                           R"({"plugin":"resource","resource-path":["a","b","c"],"query":{}})",
                           "",
                           std::string(kTwoAnswers),
                           rego::Policy::compile(kTwoAnswers, {.rules = rule}).value()};
  const FixedClock clock(from_unix_seconds(1'790'000'000));
  ASSERT_FALSE(explain_release(*record.release, clock).ok());
  const auto all = explain(record, clock);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].subject, "resource/a/b/c");
  ASSERT_EQ(all[0].lines.size(), 1U);
  EXPECT_TRUE(all[0].lines[0].starts_with("rego.")) << all[0].lines[0];
}

}  // namespace
}  // namespace trustee::decision

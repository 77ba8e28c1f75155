#include "decision/release.h"

#include <gtest/gtest.h>

#include "appraise/findings.h"
#include "authz/errors.h"
#include "base/cursor.h"
#include "decision/explain.h"
#include "tests/support/fixed_clock.h"

namespace trustee::decision {
namespace {

const authz::ResourceRequest kRequest{"resource", {"a", "b", "c"}, {{"q", "1"}}};

Record decided(std::string_view policy_text) {
  const auto policy = authz::ResourcePolicy::compile(policy_text).value();
  const std::string claims = R"({"a":1,"b":1})";
  Record record;
  add_release(record, kRequest, claims, policy, policy.check_claims(claims, kRequest));
  return record;
}

TEST(Release, that_the_policy_allows_has_no_finding) {
  const Record record = decided("package policy\nallow := true\n");
  EXPECT_EQ(record.verdict, Verdict::released);
  EXPECT_EQ(record.release->resource, "resource/a/b/c");
  EXPECT_EQ(record.release->data,
            R"({"plugin":"resource","query":{"q":"1"},"resource-path":["a","b","c"]})");
  EXPECT_TRUE(findings_of(record).empty());
}

TEST(Release, that_failed_after_the_policy_allowed_it_is_refused_for_that) {
  const FixedClock clock(from_unix_seconds(1'790'000'000));
  Record record = decided("package policy\nallow := true\n");
  withhold(record, Error(CursorErrc::truncated, "of the resource"));
  EXPECT_EQ(record.verdict, Verdict::refused);
  EXPECT_EQ(findings_of(record).size(), 1U);
  EXPECT_TRUE(findings_of(record).contains(CursorErrc::truncated));
  const auto explained = explain(record, clock);
  ASSERT_EQ(explained.size(), 1U);
  EXPECT_EQ(explained[0].lines, std::vector<std::string>{"the resource policy's `allow` is true"});
}

TEST(Release, of_a_resource_that_is_no_utf8_is_written_down_as_utf8) {
  const authz::ResourceRequest request{"resource", {"a\n\xff", "b"}, {}};
  const auto policy = authz::ResourcePolicy::compile("package policy\nallow := true\n").value();
  Record record;
  add_release(record, request, "{}", policy, Result<void>());
  EXPECT_EQ(record.release->resource, "resource/a\n\xEF\xBF\xBD/b");
  EXPECT_EQ(record.release->data, authz::policy_data(request)) << "as the policy saw it";
  EXPECT_EQ(
      json::parse(json::write(to_json(record)))->at_pointer("/release/resource")->as_string()[0],
      "resource/a\n\xEF\xBF\xBD/b");
}

TEST(Release, that_the_policy_does_not_allow_says_why) {
  struct Row {
    std::string_view policy;
    authz::Errc why;
  };
  for (const Row& row :
       {Row{"package policy\nallow := false\n", authz::Errc::denied_by_policy},
        Row{"package policy\nallow := true if input.c\n", authz::Errc::denied_without_decision},
        Row{"package policy\nallow := true if input.a\nallow := false if input.b\n",
            authz::Errc::policy_failed}}) {
    const Record record = decided(row.policy);
    EXPECT_EQ(record.verdict, Verdict::refused);
    EXPECT_EQ(findings_of(record).size(), 1U);
    EXPECT_TRUE(findings_of(record).contains(row.why)) << row.policy;
  }
}

TEST(Release, is_no_part_of_what_is_said_of_the_verification) {
  const FixedClock clock(from_unix_seconds(1'790'000'000));
  Record record = decided("package policy\nallow := false\n");
  ASSERT_EQ(explain(record, clock).size(), 1U);
  EXPECT_EQ(explain(record, clock)[0].subject, "resource/a/b/c");
  record.findings.add(finding::from_error(Error(CursorErrc::truncated)));
  ASSERT_EQ(explain(record, clock).size(), 2U);
  EXPECT_EQ(explain(record, clock)[0].lines.size(), 1U);
}

TEST(Findings, of_a_record_include_those_of_its_appraisals) {
  Record record;
  Device device{"cpu0", "sample", "{}", nullptr, {}};
  record.devices.push_back(device);
  EXPECT_TRUE(findings_of(record).empty()) << "not appraised yet";
  device.appraisal.policy_id = "default_cpu";
  device.appraisal.has_trust_claims = true;
  device.appraisal.queries.push_back({"svn", false});
  record.devices.push_back(device);
  EXPECT_EQ(findings_of(record).size(), 1U);
  EXPECT_TRUE(findings_of(record).contains(appraise::AppraisalFinding::reference_value_missing));
}

}  // namespace
}  // namespace trustee::decision

#include "finding/finding.h"

#include <gtest/gtest.h>

namespace trustee::finding {
namespace {

#define TRUSTEE_TEST_ERRORS(X)                                                      \
  X(measurement_unknown, policy_author, "no reference value names the measurement") \
  X(vmpl_not_zero, guest, "the report was requested from a VMPL other than 0")
TRUSTEE_ERROR_CODES(Rule, "snp", TRUSTEE_TEST_ERRORS)

TEST(Finding, CarriesRuleActorSeenExpectedAndNearest) {
  const Finding f =
      mismatch(Rule::measurement_unknown, "snp.measurement", "9f3c", {"0000", "9f3d"});
  EXPECT_EQ(json::write(f.to_json()),
            R"({"rule":"snp.measurement_unknown","actor":"policy-author","severity":"failure",)"
            R"("text":"no reference value names the measurement","field":"snp.measurement",)"
            R"("seen":"9f3c","expected":["0000","9f3d"],"expected_count":2,"nearest":"9f3d"})");
  EXPECT_EQ(f.to_text(),
            "snp.measurement_unknown: no reference value names the measurement; snp.measurement is "
            "\"9f3c\", expected one of 2 values (nearest \"9f3d\"); policy-author must act");
}

TEST(Finding, SaysThatNothingWasSeen) {
  const Finding f{.rule = Rule::vmpl_not_zero, .field = "snp.vmpl", .expected = {json::Value(0)}};
  EXPECT_EQ(f.to_text(),
            "snp.vmpl_not_zero: the report was requested from a VMPL other than 0; snp.vmpl is "
            "absent, expected 0; guest must act");
  EXPECT_EQ(f.to_json().as_object()->find("seen"), nullptr);
}

TEST(Finding, KeepsControlCharactersOfAValueOutOfTheLine) {
  const Finding f = mismatch(Rule::vmpl_not_zero, "f", "a\nb\x1b[1m", {});
  EXPECT_EQ(f.to_text().find('\n'), std::string::npos);
  EXPECT_EQ(f.to_text().find('\x1b'), std::string::npos);
}

TEST(Finding, IsPrintableInEveryPart) {
  Finding f = mismatch(Rule::vmpl_not_zero, "f\n", "\x7f", {"\xE2\x80\xAE"});
  f.detail = "d\x1b[2J";
  EXPECT_EQ(f.to_text(),
            "snp.vmpl_not_zero: the report was requested from a VMPL other than 0; f\\n is "
            "\"\\u007f\", expected \"\\u202e\"; d\\u001b[2J; guest must act");
}

TEST(Finding, IsMadeFromAnErrorWithItsContext) {
  const Error e = Error(Rule::vmpl_not_zero, "VMPL is 1").while_doing("appraising snp evidence");
  const Finding f = from_error(e, "snp.vmpl");
  EXPECT_EQ(f.rule, Code(Rule::vmpl_not_zero));
  EXPECT_EQ(f.detail, "VMPL is 1, while appraising snp evidence");
  EXPECT_EQ(f.severity, Severity::failure);
}

TEST(Finding, OfAnErrorIsUtf8WhereTheDetailWasCutInsideACharacter) {
  const std::string cut = std::string(31, 'a') + std::string("\xC3\xA4").substr(0, 1);
  const Finding f = from_error(Error(Rule::vmpl_not_zero, cut).while_doing("reading " + cut));
  EXPECT_EQ(f.detail, std::string(31, 'a') + "\xEF\xBF\xBD, while reading " + std::string(31, 'a') +
                          "\xEF\xBF\xBD");
  EXPECT_TRUE(json::parse(json::write(f.to_json())).ok());
}

TEST(Finding, WritesAtMostItsLimitOfExpectedValues) {
  Finding f{.rule = Rule::measurement_unknown};
  f.expected.assign(kMaxExpectedWritten, json::Value(1));
  EXPECT_EQ(f.to_json().at_pointer("/expected")->as_array()->size(), kMaxExpectedWritten);
  f.expected.emplace_back(2);
  EXPECT_EQ(f.to_json().at_pointer("/expected")->as_array()->size(), kMaxExpectedWritten);
  EXPECT_EQ(f.to_json().at_pointer("/expected_count")->as_number()->as_u64(),
            kMaxExpectedWritten + 1);
}

TEST(NearestOf, FindsTheLikestStringOrNone) {
  const std::vector<json::Value> c{"aaaa", "abca", "abcd", 5, "abcdefghi"};
  EXPECT_EQ(nearest_of("abcx", c), &c[1]);  // as near as abcd, but first
  EXPECT_EQ(nearest_of("abcd", c), &c[2]);
  EXPECT_EQ(nearest_of("zzzz", c), nullptr);
  EXPECT_EQ(nearest_of(json::Value(true), c), nullptr);
}

TEST(NearestOf, MeasuresIntegersByDistance) {
  const std::vector<json::Value> c{json::Value(std::int64_t{INT64_MIN}), 7, 10,
                                   *json::Number::from_text("8.0")};
  EXPECT_EQ(nearest_of(8, c), &c[1]);
  EXPECT_EQ(nearest_of(9, c), &c[2]);
  EXPECT_EQ(nearest_of(-9000000000000000000, c), &c[0]);
}

TEST(FindingList, KeepsOrderAndTheWorstSeverity) {
  FindingList list;
  EXPECT_EQ(list.worst(), std::nullopt);
  list.add({.rule = Rule::vmpl_not_zero, .severity = Severity::note});
  EXPECT_FALSE(list.has_failures());
  list.add({.rule = Rule::measurement_unknown, .severity = Severity::failure});
  list.add({.rule = Rule::vmpl_not_zero, .severity = Severity::warning});
  EXPECT_TRUE(list.has_failures());
  EXPECT_TRUE(list.contains(Rule::measurement_unknown));
  EXPECT_EQ(list.to_json().as_array()->size(), 3U);
  EXPECT_EQ(*list.to_json().at_pointer("/2/severity")->as_string(), "warning");
}

TEST(FindingList, HoldsItsLimitButStillSeesFailures) {
  FindingList list;
  for (std::size_t i = 0; i < FindingList::kMaxFindings; ++i) {
    list.add({.rule = Rule::vmpl_not_zero, .severity = Severity::note});
  }
  EXPECT_EQ(list.size(), FindingList::kMaxFindings);
  EXPECT_EQ(list.dropped(), 0U);
  list.add({.rule = Rule::measurement_unknown});
  EXPECT_EQ(list.size(), FindingList::kMaxFindings);
  EXPECT_EQ(list.dropped(), 1U);
  EXPECT_TRUE(list.has_failures());
  FindingList other;
  other.add_all(list);
  EXPECT_EQ(other.dropped(), 1U);
  EXPECT_TRUE(other.has_failures());
}

}  // namespace
}  // namespace trustee::finding

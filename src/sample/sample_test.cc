#include "sample/sample.h"

#include <string>

#include <gtest/gtest.h>

#include "codec/json.h"
#include "sample/errors.h"
#include "tests/support/case.h"

namespace trustee::sample {
namespace {

constexpr std::string_view kChallenge = R"({"svn":"1","report_data":"Y2hhbGxlbmdl"})";

claims::Expected expecting(std::string_view report_data) {
  return {as_bytes(report_data), std::nullopt};
}

Result<claims::Verified<Evidence>> verified(std::string_view json, const claims::Expected& e) {
  auto evidence = parse_evidence(json);
  if (!evidence.ok()) return std::move(evidence).error();
  return verify(std::move(*evidence), e);
}

TEST(Sample, AcceptsTheReportDataItWasAskedForAndEchoesTheInitDataHash) {
  CASE("CPU-1");
  const ByteVec hash(32, 0x5A);
  const claims::Expected expected{as_bytes("challenge"), Bytes(hash)};
  const auto evidence = verified(kChallenge, expected);
  ASSERT_TRUE(evidence.ok());
  const auto set = claims_of_sample(*evidence, expected);
  EXPECT_EQ(set.tee_class, claims::TeeClass::cpu);
  const auto want = json::parse(
      R"({"svn":"1","report_data":"Y2hhbGxlbmdl","launch_digest":"abcde","debug":false,)"
      R"("platform_version":{"major":1,"minor":4},)"
      R"("init_data":"WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo="})");
  ASSERT_TRUE(want.ok());
  EXPECT_EQ(json::Value(set.claims), *want);
}

TEST(Sample, RefusesOtherReportData) {
  CASE("CPU-2");
  const auto evidence = verified(kChallenge, expecting("challengE"));
  ASSERT_FALSE(evidence.ok());
  EXPECT_TRUE(evidence.error().is(Errc::report_data_mismatch));
  EXPECT_EQ(evidence.error().code().text(), "REPORT_DATA is different from that in Sample Quote");
}

TEST(Sample, ComparesLengthsToo) {
  for (const std::string_view other : {"challeng", "xchallenge", ""}) {
    EXPECT_FALSE(verified(kChallenge, expecting(other)).ok()) << other;
  }
  const std::string padded = std::string("challenge") + '\0';
  EXPECT_FALSE(verified(kChallenge, expecting(padded)).ok());
}

TEST(Sample, ReportDataDefaultsToEmptyWhenNothingIsExpected) {
  CASE("CPU-3");
  const auto evidence = verified(R"({"svn":"1"})", {});
  ASSERT_TRUE(evidence.ok());
  const auto set = claims_of_sample(*evidence, {});
  ASSERT_NE(set.claims.find("report_data"), nullptr);
  EXPECT_EQ(*set.claims.find("report_data"), json::Value(""));
  EXPECT_FALSE(set.claims.contains("init_data"));
}

TEST(Sample, RefusesEvidenceWithoutSvn) {
  CASE("CPU-4");
  const auto evidence = verified(R"({"report_data":"AA=="})", {});
  ASSERT_FALSE(evidence.ok());
  EXPECT_TRUE(evidence.error().is(Errc::evidence_malformed));
  EXPECT_EQ(evidence.error().code().text(), "Deserialize Quote failed.");
}

TEST(Sample, RefusesWhatIsNoSampleEvidence) {
  for (const std::string_view text :
       {"", "[]", "null", R"("x")", R"({"svn":1})", R"({"svn":"1","report_data":null})",
        R"({"svn":"1","svn":"2"})",
        R"({"svn":"1"} )"
        "x"}) {
    const auto evidence = parse_evidence(text);
    ASSERT_FALSE(evidence.ok()) << text;
    EXPECT_TRUE(evidence.error().is(Errc::evidence_malformed)) << text;
  }
}

TEST(Sample, RefusesReportDataThatIsNotBase64) {
  for (const std::string_view text : {"Y2hhbGxlbmdl=", "Y2hhbGxlbmd", "Y2hh bGxlbmdl", "_-8="}) {
    const auto evidence = verified(R"({"svn":"1","report_data":")" + std::string(text) + R"("})",
                                   expecting("challenge"));
    ASSERT_FALSE(evidence.ok()) << text;
    EXPECT_TRUE(evidence.error().is(Errc::evidence_malformed)) << text;
  }
}

TEST(Sample, RefusesTextAboveItsLimit) {
  const auto of_size = [](std::size_t n) {
    const std::string head = R"({"svn":")";
    return head + std::string(n - head.size() - 2, 'x') + R"("})";
  };
  EXPECT_TRUE(parse_evidence(of_size(kMaxEvidence)).ok());
  EXPECT_FALSE(parse_evidence(of_size(kMaxEvidence + 1)).ok());
}

TEST(SampleDevice, IsOfClassGpuAndSaysSvnAndReportDataOnly) {
  CASE("CPU-5");
  const auto evidence =
      verified(R"({"svn":"2","report_data":"Y2hhbGxlbmdl"})", expecting("challenge"));
  ASSERT_TRUE(evidence.ok());
  const auto set = claims_of_sample_device(*evidence);
  EXPECT_EQ(set.tee_class, claims::TeeClass::gpu);
  EXPECT_EQ(json::write_sorted(set.claims), R"({"report_data":"Y2hhbGxlbmdl","svn":"2"})");
}

}  // namespace
}  // namespace trustee::sample

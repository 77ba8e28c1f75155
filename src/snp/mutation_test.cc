#include <gtest/gtest.h>

#include "snp/snp_test_data.h"
#include "tests/support/flipped.h"

// Nothing that the signature covers can change without being seen.

namespace trustee::snp {
namespace {

class Mutation : public ::testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(Mutation, EveryFlippedBitOfTheSignedPartIsRefused) {
  const ByteVec good = file_bytes(snp_vector(GetParam().first));
  const ByteVec vek = file_bytes(snp_vector(GetParam().second));
  amd::VekCache cache;
  const auto accepted = [&](const ByteVec& report) {
    Evidence evidence{report, std::vector{CertificateEntry{CertificateType::vcek, vek}}};
    const auto outcome =
        verify(evidence, {}, {amd::real_roots(), cache, std::nullopt, std::nullopt}, {}, kNow);
    return outcome.ok();
  };
  ASSERT_TRUE(accepted(good));
  for (std::size_t bit = 0; bit < kSignedSize * 8; ++bit) {
    ASSERT_FALSE(accepted(flipped(good, bit))) << "bit " << bit;
  }
}

TEST_P(Mutation, EveryFlippedBitOfTheSignatureIsRefused) {
  const ByteVec good = file_bytes(snp_vector(GetParam().first));
  const ByteVec vek = file_bytes(snp_vector(GetParam().second));
  amd::VekCache cache;
  for (std::size_t bit = kSignedSize * 8; bit < kReportSize * 8; ++bit) {
    Evidence evidence{flipped(good, bit),
                      std::vector{CertificateEntry{CertificateType::vcek, vek}}};
    const auto outcome =
        verify(evidence, {}, {amd::real_roots(), cache, std::nullopt, std::nullopt}, {}, kNow);
    ASSERT_FALSE(outcome.ok()) << "bit " << bit;
  }
}

INSTANTIATE_TEST_SUITE_P(Reports, Mutation,
                         ::testing::Values(std::pair{"evidence-genoa-e2e.report.bin",
                                                     "evidence-genoa-e2e.vcek.der"},
                                           std::pair{"gcp/sev-gcp.bin", "gcp/sev-gcp-vcek.pem"}));

TEST(MutationOfBuilt, EveryFlippedBitOfTheSignedPartIsRefused) {
  const crypto::PrivateKey key = snp_test_key();
  const struct {
    SnpBuilder builder;
    const char* vek;
  } rows[] = {{SnpBuilder::milan_v4(), "vcek-milan.der"},
              {SnpBuilder::turin_v5(), "vcek-turin.der"}};
  for (const auto& row : rows) {
    const ByteVec good = row.builder.sign(key);
    const ByteVec vek = file_bytes(pki(row.vek));
    amd::VekCache cache;
    const auto accepted = [&](const ByteVec& report) {
      Evidence evidence{report, std::vector{CertificateEntry{CertificateType::vcek, vek}}};
      return verify(evidence, {}, {amd::test_roots(), cache, std::nullopt, std::nullopt}, {}, kNow)
          .ok();
    };
    ASSERT_TRUE(accepted(good)) << row.vek;
    for (std::size_t bit = 0; bit < kSignedSize * 8; ++bit) {
      ASSERT_FALSE(accepted(flipped(good, bit))) << row.vek << " bit " << bit;
    }
  }
}

TEST(MutationOfEvidence, CutAnywhereItIsNotRead) {
  const ByteVec report = SnpBuilder::genoa_v3().sign(snp_test_key());
  const std::string raw = snp_raw_evidence(report, "VCEK", file_bytes(pki("vcek-genoa.der")));
  ASSERT_TRUE(parse_evidence(raw).ok());
  EXPECT_EQ(accepted_beginnings(raw, parse_evidence), 0U);
}

}  // namespace
}  // namespace trustee::snp

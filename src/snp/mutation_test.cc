#include <gtest/gtest.h>

#include "snp/snp_test_data.h"

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
    ByteVec changed = good;
    changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1U << (bit % 8)));
    ASSERT_FALSE(accepted(changed)) << "bit " << bit;
  }
}

TEST_P(Mutation, EveryFlippedBitOfTheSignatureIsRefused) {
  const ByteVec good = file_bytes(snp_vector(GetParam().first));
  const ByteVec vek = file_bytes(snp_vector(GetParam().second));
  amd::VekCache cache;
  for (std::size_t bit = kSignedSize * 8; bit < kReportSize * 8; bit += 3) {
    ByteVec changed = good;
    changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1U << (bit % 8)));
    Evidence evidence{changed, std::vector{CertificateEntry{CertificateType::vcek, vek}}};
    const auto outcome =
        verify(evidence, {}, {amd::real_roots(), cache, std::nullopt, std::nullopt}, {}, kNow);
    ASSERT_FALSE(outcome.ok()) << "bit " << bit;
  }
}

INSTANTIATE_TEST_SUITE_P(Reports, Mutation,
                         ::testing::Values(std::pair{"evidence-genoa-e2e.report.bin",
                                                     "evidence-genoa-e2e.vcek.der"},
                                           std::pair{"gcp/sev-gcp.bin", "gcp/sev-gcp-vcek.pem"}));

}  // namespace
}  // namespace trustee::snp

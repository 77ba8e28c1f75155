#include "snp/format.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "snp/snp_test_data.h"

namespace trustee::snp {
namespace {

std::string code_of(Bytes in) {
  const auto report = parse_report(in);
  return report.ok() ? "accepted" : report.error().code().id();
}

TEST(SnpFormat, ReadsTheGenoaReport) {
  const Report r = parse_report(file_bytes(snp_vector("evidence-genoa-e2e.report.bin"))).value();
  EXPECT_EQ(r.version, 3U);
  EXPECT_EQ(r.policy, 196608U);
  EXPECT_EQ(r.vmpl, 0U);
  EXPECT_EQ(r.signature_algorithm, 1U);
  EXPECT_EQ(r.platform_info, 37U);
  EXPECT_EQ(r.signing_key(), kSigningKeyVcek);
  EXPECT_EQ(r.reported_tcb, (amd::Tcb{std::nullopt, 10, 0, 23, 25}));
  ASSERT_NE(r.cpuid(), nullptr);
  EXPECT_EQ(r.cpuid()->family, 0x19);
  EXPECT_EQ(r.cpuid()->model, 0xA0);
  EXPECT_EQ(r.cpuid()->stepping, 2);
  EXPECT_EQ(r.current.major, 1);
  EXPECT_EQ(r.current.minor, 55);
  EXPECT_EQ(r.current.build, 40);
  EXPECT_EQ(*product_of(r), amd::Product::genoa);
  EXPECT_EQ(r.report_data[0], 0x7E);
  EXPECT_EQ(r.measurement[0], 0x6A);
  EXPECT_EQ(r.report_id[0], 179);
  EXPECT_EQ(r.report_id_ma[31], 255);
  EXPECT_EQ(r.chip_id[0], 0x37);
  EXPECT_EQ(r.signature_r[0], 248);
  EXPECT_EQ(r.signature_s[0], 7);
}

TEST(SnpFormat, AVersionIsAType) {
  const auto v2 = parse_report(file_bytes(snp_vector("test-report.bin"))).value();
  EXPECT_TRUE(std::holds_alternative<V2>(v2.versioned));
  EXPECT_EQ(v2.cpuid(), nullptr);
  EXPECT_EQ(v2.reported_tcb, (amd::Tcb{std::nullopt, 3, 0, 8, 115}));
  EXPECT_TRUE(product_of(v2).error().is(Errc::version_too_old));
  const auto v3 = parse_report(file_bytes(snp_vector("test-vlek-report.bin"))).value();
  EXPECT_TRUE(std::holds_alternative<V3>(v3.versioned));
  EXPECT_EQ(v3.signing_key(), kSigningKeyVlek);
  const auto v4 = parse_report(file_bytes(pki("report-milan-v4.bin"))).value();
  EXPECT_TRUE(std::holds_alternative<V3>(v4.versioned));
  const auto v5 = parse_report(file_bytes(snp_vector("gcp/sev-gcp.bin"))).value();
  ASSERT_TRUE(std::holds_alternative<V5>(v5.versioned));
  EXPECT_EQ(std::get<V5>(v5.versioned).launch_mit_vector, 0x0BU);
  EXPECT_EQ(std::get<V5>(v5.versioned).current_mit_vector, 0x0BU);
}

TEST(SnpFormat, ReadsTheTurinReportThatPythonWrote) {
  const Report r = parse_report(file_bytes(pki("report-turin-v5.bin"))).value();
  EXPECT_EQ(r.guest_svn, 7U);
  EXPECT_EQ(r.policy, 0x30102U);
  EXPECT_EQ(r.family_id, regularised<16>(ByteVec(16, 'F')));
  EXPECT_EQ(r.image_id, regularised<16>(ByteVec(16, 'I')));
  EXPECT_EQ(r.current_tcb, (amd::Tcb{1, 2, 3, 4, 200}));
  EXPECT_EQ(r.committed_tcb, r.current_tcb);
  EXPECT_EQ(r.launch_tcb, r.current_tcb);
  EXPECT_EQ(r.host_data, regularised<32>(ByteVec(32, 'H')));
  EXPECT_EQ(r.committed.build, 39);
  EXPECT_EQ(std::get<V5>(r.versioned).current_mit_vector, 0x1BU);
  EXPECT_EQ(*product_of(r), amd::Product::turin);
}

TEST(SnpFormat, ATruncatedOrLongerReportIsRefusedAtEachLength) {
  ByteVec good = file_bytes(snp_vector("gcp/sev-gcp.bin"));
  for (std::size_t n = 0; n < good.size(); ++n) {
    EXPECT_EQ(code_of(Bytes(good).first(n)), "snp.report_malformed") << n;
  }
  EXPECT_EQ(code_of(good), "accepted");
  good.push_back(0);
  EXPECT_EQ(code_of(good), "snp.report_malformed");
}

TEST(SnpFormat, ReservedBytesMustBeZero) {
  const ByteVec good = file_bytes(snp_vector("evidence-genoa-e2e.report.bin"));
  const auto with_byte = [&](std::size_t offset) {
    ByteVec changed = good;
    changed.at(offset) = 1;
    return code_of(changed);
  };
  for (const std::size_t offset :
       {0x04CU, 0x04FU, 0x18BU, 0x19FU, 0x1EBU, 0x1EFU, 0x1F8U, 0x207U, 0x208U, 0x29FU, 0x330U,
        0x49FU, 0x182U, 0x03AU, 0x1E4U, 0x1F5U}) {
    EXPECT_EQ(with_byte(offset), "snp.report_malformed") << offset;
  }
}

TEST(SnpFormat, KnowsVersions2To5) {
  ByteVec report = file_bytes(snp_vector("evidence-genoa-e2e.report.bin"));
  const auto with_version = [&](std::uint8_t version) {
    report[0] = version;
    return code_of(report);
  };
  EXPECT_EQ(with_version(0), "snp.version_too_old");
  EXPECT_EQ(with_version(1), "snp.version_too_old");
  EXPECT_EQ(with_version(2), "snp.report_malformed") << "its CPUID is reserved there";
  EXPECT_EQ(with_version(3), "accepted");
  EXPECT_EQ(with_version(4), "accepted");
  EXPECT_EQ(with_version(5), "accepted");
  EXPECT_EQ(with_version(6), "snp.version_unexpected");
  EXPECT_EQ(with_version(255), "snp.version_unexpected");
}

TEST(SnpFormat, AVersion2ReportTellsItsTcbLayoutByItsChipId) {
  ByteArray<64> chip{};
  EXPECT_TRUE(tcb_layout_of_v2(chip).error().is(Errc::tcb_layout_unknown));
  chip[7] = 1;
  EXPECT_EQ(*tcb_layout_of_v2(chip), amd::TcbLayout::turin);
  chip[8] = 1;
  EXPECT_EQ(*tcb_layout_of_v2(chip), amd::TcbLayout::legacy);
}

}  // namespace
}  // namespace trustee::snp

#include "azure/hcl_report.h"

#include <gtest/gtest.h>

#include "azure/azure_test_data.h"
#include "azure/errors.h"
#include "azure/vtpm.h"
#include "codec/base64.h"
#include "codec/json.h"
#include "tests/support/case.h"
#include "tests/support/hcl_builder.h"

namespace trustee::azure {
namespace {

TEST(HclReport, OfRealMachinesIsRead) {
  const struct {
    const char* name;
    Hardware hardware;
    std::size_t data;
    bool user_data;
  } cases[] = {{"snp-hcl-report.bin", Hardware::snp, 1110, true},
               {"old-hcl-report.bin", Hardware::snp, 583, false},
               {"hcl-report-tdx.bin", Hardware::tdx, 1202, true}};
  for (const auto& c : cases) {
    const ByteVec bytes = file_bytes(data_file(c.name));
    const HclReport report = parse_hcl_report(bytes).value();
    EXPECT_EQ(report.hardware, c.hardware) << c.name;
    EXPECT_EQ(report.variable_data.size(), c.data) << c.name;
    EXPECT_EQ(report.hardware_report.size(), kHardwareReportSize);
    const VariableData data = parse_variable_data(report.variable_data).value();
    EXPECT_EQ(data.ak.bits(), 2048U) << c.name;
    EXPECT_EQ(data.user_data.has_value(), c.user_data) << c.name;
  }
}

TEST(HclReport, TheAkIsTheOneThatAzuresToolsRead) {
  const ByteVec bytes = file_bytes(data_file("hcl-report-tdx.bin"));
  const VariableData data =
      parse_variable_data(parse_hcl_report(bytes).value().variable_data).value();
  const auto pem = crypto::PublicKey::from_pem(file_text(data_file("akpub.pem"))).value();
  EXPECT_FALSE(data.ak == pem);  // that key belongs to another machine
  EXPECT_EQ(data.user_data, std::string(128, '0'));
}

TEST(HclReport, OfTheBuilderIsReadAsWell) {
  const HclBuilder builder(test_rsa_ak().public_key());
  const ByteVec hardware(kHardwareReportSize, 0x77);
  const ByteVec bytes = builder.report(4, hardware);
  const HclReport report = parse_hcl_report(bytes).value();
  EXPECT_EQ(report.hardware, Hardware::tdx);
  EXPECT_TRUE(equal(report.hardware_report, hardware));
  EXPECT_EQ(as_text(report.variable_data), builder.variable_data());
  EXPECT_TRUE(check_variable_data(report, builder.report_data()).ok());
}

TEST(HclReport, CutInItsDataItIsRefused) {
  const ByteVec bytes = file_bytes(data_file("snp-hcl-report.bin"));
  for (std::size_t n = 0; n < 0x4D4 + 1110; ++n) {
    EXPECT_TRUE(fails_with(parse_hcl_report(Bytes(bytes).first(n)), Errc::hcl_malformed)) << n;
  }
  EXPECT_TRUE(parse_hcl_report(Bytes(bytes).first(0x4D4 + 1110)).ok());
}

TEST(HclReport, UnknownKindsHashesAndSignaturesAreRefused) {
  const HclBuilder builder(test_rsa_ak().public_key());
  const ByteVec hardware(kHardwareReportSize, 0);
  for (const std::uint32_t type : {0U, 1U, 3U, 5U, 0xFFFFFFFFU}) {
    EXPECT_TRUE(fails_with(parse_hcl_report(builder.report(type, hardware)), Errc::hcl_malformed));
  }
  for (const std::uint32_t type : {0U, 2U, 3U, 4U, 0x101U, 0xFFFFFFFFU}) {  // upstream panics
    HclBuilder other(test_rsa_ak().public_key());
    EXPECT_TRUE(fails_with(parse_hcl_report(other.with_hash_type(type).report(2, hardware)),
                           Errc::hcl_hash_unsupported));
  }
  HclBuilder unsigned_one(test_rsa_ak().public_key());
  EXPECT_TRUE(fails_with(parse_hcl_report(unsigned_one.with_signature(0).report(2, hardware)),
                         Errc::hcl_malformed));
}

TEST(HclReport, LimitsHoldAndOnePastThemIsRefused) {
  ByteVec bytes = file_bytes(data_file("snp-hcl-report.bin"));
  bytes.resize(kMaxHclReport, 0);
  EXPECT_TRUE(parse_hcl_report(bytes).ok());
  bytes.push_back(0);
  EXPECT_TRUE(fails_with(parse_hcl_report(bytes), Errc::hcl_malformed));
  bytes = file_bytes(data_file("snp-hcl-report.bin"));
  for (std::size_t i = 0; i < 4; ++i) bytes[0x4D0 + i] = 0xFF;
  EXPECT_TRUE(fails_with(parse_hcl_report(bytes), Errc::hcl_malformed));
  // As long as what is there, and one byte longer.
  const std::size_t most = bytes.size() - 0x4D4;
  for (const std::size_t size : {most, most + 1}) {
    for (std::size_t i = 0; i < 4; ++i) {
      bytes[0x4D0 + i] = static_cast<std::uint8_t>(size >> (8 * i));
    }
    EXPECT_EQ(parse_hcl_report(bytes).ok(), size == most);
  }
}

TEST(VariableData, WithoutAkOrWithABrokenKeyAreRefused) {
  CASE("CPU-91");
  HclBuilder other(test_rsa_ak().public_key());
  EXPECT_TRUE(
      fails_with(parse_variable_data(as_bytes(other.with_ak_name("HCLEkPub").variable_data())),
                 Errc::ak_missing));
  for (const char* text :
       {"", "[]", "{}", R"({"keys":{}})", R"({"keys":[1]})", R"({"keys":[{"kty":"RSA"}]})"}) {
    EXPECT_TRUE(fails_with(parse_variable_data(as_bytes(text)), Errc::variable_data_malformed))
        << text;
  }
  EXPECT_TRUE(fails_with(parse_variable_data(as_bytes(R"({"keys":[]})")), Errc::ak_missing));
  // Byte 0x540 of the real report is in the modulus of the AK.
  ByteVec bytes = file_bytes(data_file("snp-hcl-report.bin"));
  bytes[0x540] = 0;
  const auto broken = parse_variable_data(parse_hcl_report(bytes).value().variable_data);
  ASSERT_TRUE(fails_with(broken, Errc::variable_data_malformed));
  EXPECT_EQ(upstream_text(broken.error().code()), "Failed to get AKpub");
}

TEST(VariableData, HaveUserDataOfAnyCaseOrNone) {
  HclBuilder builder(test_rsa_ak().public_key());
  const auto user_data = [&builder] {
    return user_data_of(parse_variable_data(as_bytes(builder.variable_data())).value());
  };
  builder.with_user_data_text("aBcD");
  EXPECT_EQ(user_data().value(), from_hex("abcd"));
  builder.with_user_data_text("");
  EXPECT_TRUE(user_data()->empty());
  for (const char* text : {"abc", "xy", "ab "}) {
    builder.with_user_data_text(text);
    EXPECT_TRUE(fails_with(user_data(), Errc::user_data_malformed)) << text;
  }
  builder.without_user_data();
  EXPECT_TRUE(user_data()->empty());
}

TEST(VariableData, AreCoveredByTheHardwareReport) {
  CASE("CPU-91");
  ByteVec bytes = file_bytes(data_file("snp-hcl-report.bin"));
  const auto report_data = [&bytes] {
    return regularised<64>(Bytes(bytes).subspan(0x20 + 0x50, 64));
  };
  EXPECT_TRUE(check_variable_data(parse_hcl_report(bytes).value(), report_data()).ok());
  bytes[0x6E0] = static_cast<std::uint8_t>(bytes[0x6E0] + 1);
  EXPECT_TRUE(fails_with(check_variable_data(parse_hcl_report(bytes).value(), report_data()),
                         Errc::variable_data_mismatch));
  bytes[0x6E0] = static_cast<std::uint8_t>(bytes[0x6E0] - 1);
  bytes[0x20 + 0x50 + 63] = 1;  // bytes that upstream does not look at
  EXPECT_TRUE(fails_with(check_variable_data(parse_hcl_report(bytes).value(), report_data()),
                         Errc::variable_data_mismatch));
}

TEST(VariableData, AreCoveredByTheTdQuoteThatCameWithThem) {
  CASE("CPU-94");
  const Evidence evidence =
      parse_evidence(file_text(data_file("tdx-evidence-v1.json")), kTdxMembers).value();
  // REPORT_DATA of a TD report in a version 4 quote.
  const auto report_data = regularised<64>(Bytes(evidence.endorsement).subspan(48 + 520, 64));
  ByteVec hcl = evidence.hcl_report;
  EXPECT_TRUE(check_variable_data(parse_hcl_report(hcl).value(), report_data).ok());
  hcl[0x880] = static_cast<std::uint8_t>(hcl[0x880] + 1);
  EXPECT_TRUE(fails_with(check_variable_data(parse_hcl_report(hcl).value(), report_data),
                         Errc::variable_data_mismatch));
}

}  // namespace
}  // namespace trustee::azure

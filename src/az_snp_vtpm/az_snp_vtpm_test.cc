#include "az_snp_vtpm/az_snp_vtpm.h"

#include <gtest/gtest.h>

#include "amd/amd_test_data.h"
#include "azure/errors.h"
#include "codec/base64.h"
#include "codec/hex.h"
#include "snp/errors.h"
#include "tests/support/case.h"
#include "tests/support/flipped.h"
#include "tests/support/hcl_builder.h"
#include "tests/support/snp_builder.h"
#include "tpm/errors.h"

namespace trustee::az_snp_vtpm {
namespace {

using A = azure::Errc;
using T = tpm::Errc;

const Time kNow = from_unix_seconds(1795500000);  // 2026-11-24

std::string data_file(const std::string& name) { return "src/az_snp_vtpm/testdata/" + name; }
std::string real(unsigned version) {
  return file_text(data_file("evidence-v" + std::to_string(version) + ".json"));
}
json::Value real_claims(unsigned version) {
  return json::parse(file_text(data_file("evidence-v" + std::to_string(version) + ".claims.json")))
      .value();
}
ByteVec real_report_data(unsigned version) {
  return codec::hex_decode(*real_claims(version).at_pointer("/report_data")->as_string()).value();
}

struct Verification {
  claims::Expected expected;
  azure::Policy azure;
  snp::Policy snp;
  const amd::RootSet* roots = &amd::real_roots();
  Time now = kNow;

  Result<Outcome> of(std::string_view json) const {
    auto evidence = parse_evidence(json);
    if (!evidence.ok()) return std::move(evidence).error();
    amd::VekCache cache;
    return verify(*evidence, expected, {*roots, cache, std::nullopt, std::nullopt}, azure, snp,
                  now);
  }
  json::Value claims(std::string_view json) const {
    auto outcome = of(json);
    if (!outcome.ok()) return outcome.error().to_string();
    if (auto* v = std::get_if<claims::Verified<Attested>>(&*outcome)) {
      return claims_of(*v).claims;
    }
    return "needs";
  }
  std::string refusal(std::string_view json) const {
    auto outcome = of(json);
    return outcome.ok() ? "accepted" : outcome.error().code().id();
  }
};

Verification bound_to(Bytes report_data) {
  Verification v;
  v.expected.report_data = report_data;
  return v;
}

TEST(AzSnpVtpm, OfARealMachineInVersions0And1GivesUpstreamsClaims) {
  CASE("CPU-84");
  const ByteVec challenge = to_vec(as_bytes("challenge"));
  for (const unsigned version : {0U, 1U}) {
    const json::Value claims = bound_to(challenge).claims(real(version));
    EXPECT_EQ(claims, real_claims(version)) << json::write(claims);
    EXPECT_EQ(*claims.at_pointer("/report_data"), json::Value("6368616c6c656e6765"));
    EXPECT_EQ(*claims.at_pointer("/tpm/pcr00"),
              json::Value("e15c44796beabf46abcec7c57e590942041e47497e4ec27571c8b7664f48dced"));
  }
}

TEST(AzSnpVtpm, OfARealMachineInVersion2IsBoundByItsUserData) {
  CASE("CPU-85");
  const ByteVec report_data = real_report_data(2);
  const json::Value claims = bound_to(report_data).claims(real(2));
  EXPECT_EQ(claims, real_claims(2)) << json::write(claims);
}

TEST(AzSnpVtpm, OtherReportDataAreRefused) {
  CASE("CPU-86");
  const ByteVec other = {0x12, 0x3A, 0xBC};
  EXPECT_EQ(bound_to(other).refusal(real(2)), "tpm.nonce_mismatch");
  const azure::Evidence evidence = parse_evidence(real(2)).value();
  const auto hcl = azure::parse_hcl_report(evidence.hcl_report).value();
  const auto variable = azure::parse_variable_data(hcl.variable_data).value();
  const auto refused = azure::check_user_data(evidence, variable, {Bytes(other), std::nullopt});
  ASSERT_FALSE(refused.ok());
  EXPECT_TRUE(refused.error().is(A::user_data_mismatch));
  EXPECT_EQ(azure::upstream_text(refused.error().code()),
            "User-data in HCL variable data doesn't match report_data");
}

TEST(AzSnpVtpm, WithoutReportDataIsRefused) {
  CASE("CPU-89");
  for (const unsigned version : {0U, 1U, 2U}) {
    EXPECT_EQ(Verification().refusal(real(version)), "azure.report_data_missing");
  }
}

TEST(AzSnpVtpm, OfAnUnknownVersionIsRefused) {
  CASE("CPU-90");
  json::Value document = json::parse(real(1)).value();
  document.as_object()->set("version", 3);
  EXPECT_EQ(bound_to(as_bytes("challenge")).refusal(json::write(document)),
            "azure.evidence_malformed");
}

TEST(AzSnpVtpm, TheReportOfAnotherSnpVersionThanItsKeyIsAMismatch) {
  CASE("CPU-91");
  ByteVec hcl = file_bytes(data_file("hcl-report.bin"));
  const auto checked = [&hcl] {
    const auto report =
        snp::parse_report(azure::parse_hcl_report(hcl).value().hardware_report).value();
    const auto vcek = amd::parse_der_or_pem(as_bytes(file_text(data_file("vcek.pem")))).value();
    return snp::check_reported_tcb(report, amd::parse_vek_extensions(vcek).value());
  };
  EXPECT_TRUE(checked().ok());
  hcl[0x1A6] = 0;
  ASSERT_FALSE(checked().ok());
  EXPECT_TRUE(checked().error().is(snp::Errc::snp_firmware_mismatch));
}

TEST(AzSnpVtpm, EveryFlippedBitOfTheHclReportIsRefused) {
  const azure::Evidence whole = parse_evidence(real(2)).value();
  const ByteVec report_data = real_report_data(2);
  const std::size_t end = 0x4D4 + azure::parse_hcl_report(whole.hcl_report)->variable_data.size();
  amd::VekCache cache;
  ASSERT_TRUE(verify(whole, {Bytes(report_data), std::nullopt},
                     {amd::real_roots(), cache, std::nullopt, std::nullopt}, {}, {}, kNow)
                  .ok());
  for (std::size_t bit = 0; bit < end * 8; ++bit) {
    const std::size_t at = bit / 8;
    if (at >= 0x004 && at < 0x020) continue;  // version, sizes, status: nobody reads or signs them
    if (at >= 0x4C0 && at < 0x4C8) continue;  // size and version, as well
    azure::Evidence changed = whole;
    changed.hcl_report = flipped(whole.hcl_report, bit);
    const auto outcome =
        verify(changed, {Bytes(report_data), std::nullopt},
               {amd::real_roots(), cache, std::nullopt, std::nullopt}, {}, {}, kNow);
    EXPECT_FALSE(outcome.ok()) << "bit " << bit;
  }
}

TEST(AzSnpVtpm, TheDatesOfTheKeyAreEnforced) {
  Verification v = bound_to(as_bytes("challenge"));
  v.snp.dates = amd::ValidityDates::ignored;
  v.now = from_unix_seconds(2082758400);  // 2036
  EXPECT_EQ(v.refusal(real(1)), "amd.vek_expired");
  v.now = from_unix_seconds(1262304000);  // 2010
  EXPECT_EQ(v.refusal(real(1)), "amd.vek_not_yet_valid");
}

/// Evidence of our own test hardware.
struct Machine {
  TpmQuoteBuilder quote = TpmQuoteBuilder().with_nonce(as_bytes("challenge"));
  HclBuilder hcl = HclBuilder(test_rsa_ak().public_key()).with_user_data(as_bytes("challenge"));
  SnpBuilder snp = SnpBuilder::genoa_v3();
  unsigned version = 2;

  std::string evidence() const {
    SnpBuilder report = snp;
    report.with_report_data(hcl.report_data());
    return azure_evidence(version, quote, test_rsa_ak(), hcl.report(2, report.sign(snp_test_key())),
                          "vcek", file_bytes(amd::pki("vcek-genoa.der")));
  }
};

Verification of_test_hardware() {
  static const ByteVec challenge = to_vec(as_bytes("challenge"));
  Verification v = bound_to(challenge);
  v.roots = &amd::test_roots();
  return v;
}

TEST(AzSnpVtpm, OfTestHardwareVerifies) {
  const json::Value claims = of_test_hardware().claims(Machine().evidence());
  EXPECT_NE(claims.at_pointer("/tpm/pcr23"), nullptr) << json::write(claims);
  EXPECT_EQ(claims.at_pointer("/chip_id"), nullptr);
}

TEST(AzSnpVtpm, InitDataIsBoundByPcr8) {
  CASE("CPU-87");
  Machine machine;
  const ByteVec hash(32, 0x42);
  machine.quote.with_init_data(hash);
  Verification v = of_test_hardware();
  EXPECT_EQ(v.refusal(machine.evidence()), "accepted");
  v.expected.init_data_hash = hash;
  EXPECT_EQ(v.refusal(machine.evidence()), "accepted");
  const ByteVec other(32, 0x43);
  v.expected.init_data_hash = other;
  EXPECT_EQ(v.refusal(machine.evidence()), "azure.init_data_mismatch");
  const ByteVec longer(48, 0x42);
  v.expected.init_data_hash = longer;
  EXPECT_EQ(v.refusal(machine.evidence()), "azure.init_data_mismatch");
}

TEST(AzSnpVtpm, TheRulesOfSnpHold) {
  const auto refusal = [](const Machine& machine) {
    return of_test_hardware().refusal(machine.evidence());
  };
  Machine machine;
  machine.snp.with_vmpl(1);
  EXPECT_EQ(refusal(machine), "snp.vmpl_not_zero");
  machine = {};
  machine.snp.with_signing_key(1);
  EXPECT_EQ(refusal(machine), "snp.signing_key_mismatch");
  machine = {};
  machine.snp.with_reported_tcb(ByteVec(8, 0));
  EXPECT_EQ(refusal(machine), "snp.microcode_mismatch");
  machine = {};
  machine.snp.with_cpuid(0x17, 0x31);
  EXPECT_EQ(refusal(machine), "amd.processor_family_not_supported");
  machine = {};
  EXPECT_EQ(bound_to(as_bytes("challenge")).refusal(machine.evidence()),
            "amd.chain_not_trusted");  // under AMD's roots
  machine.hcl.with_user_data(as_bytes("another"));
  EXPECT_EQ(refusal(machine), "azure.user_data_mismatch");
}

TEST(AzSnpVtpm, ARequiredRevocationListIsAskedFor) {
  Verification v = of_test_hardware();
  v.snp.revocation = amd::Revocation::required;
  const auto outcome = v.of(Machine().evidence());
  ASSERT_TRUE(outcome.ok());
  const auto* needs = std::get_if<snp::Needs>(&*outcome);
  ASSERT_NE(needs, nullptr);
  EXPECT_EQ(needs->crl, (snp::CrlRequest{amd::Product::genoa, amd::VekKind::vcek}));
}

TEST(AzSnpVtpm, AVcekOfTenBytesIsRefused) {
  json::Value document = json::parse(Machine().evidence()).value();
  document.as_object()->set("vcek", codec::base64url_encode(ByteVec(10, 0x30)));
  EXPECT_EQ(of_test_hardware().refusal(json::write(document)), "amd.certificate_malformed");
}

}  // namespace
}  // namespace trustee::az_snp_vtpm

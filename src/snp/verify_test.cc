#include "snp/verify.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "codec/base64.h"
#include "snp/snp_test_data.h"
#include "tests/support/case.h"

namespace trustee::snp {
namespace {

constexpr const char* kGenoa = "evidence-genoa-e2e.json";
constexpr const char* kMilanV5 = "derived-evidence-milan-v5-gcp.json";

std::string genoa() { return file_text(snp_vector(kGenoa)); }

ByteVec genoa_report_data() {
  return from_hex(
      "7e7320889600c7ac133aea7b896c51f41026002982292a7369559796999c1bf9"
      "29eef3ff23c46e858f0b1982f9a92b17c51b578d958cde6b0c92978f150cf9b0");
}

std::string refused_with_report_data(Bytes data) {
  Verification v;
  v.expected.report_data = data;
  return refusal(v.of(genoa()));
}

TEST(SnpVerify, AcceptsTheGenoaEvidenceAndMakesItsClaims) {
  CASE("CPU-6");
  const auto claims = claims_of(attested(Verification().of(genoa())));
  EXPECT_EQ(claims.tee_class, claims::TeeClass::cpu);
  const auto want = json::parse(file_text(snp_vector("evidence-genoa-e2e.claims.json")));
  EXPECT_EQ(json::write_sorted(claims.claims), json::write_sorted(*want));
}

TEST(SnpVerify, AcceptsItsOwnReportData) {
  CASE("CPU-7");
  const ByteVec data = genoa_report_data();
  Verification v;
  v.expected.report_data = data;
  EXPECT_TRUE(v.of(genoa()).ok());
}

TEST(SnpVerify, PadsShorterReportDataWithZeros) {
  CASE("CPU-8");
  const ByteVec data = genoa_report_data();
  EXPECT_EQ(refused_with_report_data(Bytes(data).first(48)), "snp.report_data_mismatch");
  EXPECT_EQ(refused_with_report_data({}), "snp.report_data_mismatch");
  EXPECT_EQ(upstream_text(Errc::report_data_mismatch), "Report Data Mismatch");
}

TEST(SnpVerify, CutsLongerReportData) {
  CASE("CPU-9");
  ByteVec data = genoa_report_data();
  data.push_back(0x55);
  Verification v;
  v.expected.report_data = data;
  EXPECT_TRUE(v.of(genoa()).ok());
}

TEST(SnpVerify, ComparesTheInitDataHashPaddedOrCutTo32Bytes) {
  CASE("CPU-10");
  CASE("CPU-11");
  CASE("CPU-12");
  const auto with_hash = [](const ByteVec& hash) {
    Verification v;
    v.expected.init_data_hash = hash;
    return v.of(genoa());
  };
  EXPECT_TRUE(with_hash(ByteVec(32, 0)).ok());
  ByteVec sha384(48, 0);
  sha384[32] = 0x77;
  EXPECT_TRUE(with_hash(sha384).ok());
  ByteVec other(32, 0);
  other[0] = 1;
  EXPECT_EQ(refusal(with_hash(other)), "snp.host_data_mismatch");
  EXPECT_EQ(upstream_text(Errc::host_data_mismatch), "Host Data Mismatch");
}

TEST(SnpVerify, RefusesReportVersionsOutsideItsRange) {
  CASE("CPU-13");
  CASE("CPU-14");
  const Verification v;
  EXPECT_EQ(refusal(v.of(with_report_members(kGenoa, {{"version", 2}}))), "snp.version_too_old");
  EXPECT_EQ(refusal(v.of(with_report_members(kGenoa, {{"version", 0}}))), "snp.version_too_old");
  EXPECT_EQ(refusal(v.of(with_report_members(kGenoa, {{"version", 6}}))), "snp.version_unexpected");
  EXPECT_EQ(words(v.of(with_report_members(kGenoa, {{"version", 2}}))),
            "Attestation Report version is too old. Please update your firmware.");
  EXPECT_EQ(words(v.of(with_report_members(kGenoa, {{"version", 6}}))),
            "Unexpected attestation report version. Check SNP Firmware ABI specification");
}

TEST(SnpVerify, RefusesUnknownProcessors) {
  CASE("CPU-15");
  CASE("CPU-16");
  const Verification v;
  EXPECT_EQ(refusal(v.of(with_report_members(kGenoa, {{"cpuid_fam_id", 0x17}}))),
            "amd.processor_family_not_supported");
  EXPECT_EQ(refusal(v.of(with_report_members(kGenoa, {{"cpuid_mod_id", 0x20}}))),
            "amd.processor_model_not_supported");
  EXPECT_EQ(words(v.of(with_report_members(kGenoa, {{"cpuid_fam_id", 0x17}}))),
            "Processor family not supported");
  EXPECT_EQ(words(v.of(with_report_members(kGenoa, {{"cpuid_mod_id", 0x20}}))),
            "Processor model not supported");
  EXPECT_EQ(refusal(v.of(with_report_members(kGenoa, {{"cpuid_fam_id", nullptr}}))),
            "snp.cpuid_family_missing");
  EXPECT_EQ(refusal(v.of(with_report_members(kGenoa, {{"cpuid_mod_id", nullptr}}))),
            "snp.cpuid_model_missing");
}

TEST(SnpVerify, RefusesAChangedMeasurement) {
  CASE("CPU-17");
  json::Value value = document(kGenoa);
  json::Object& report = *value.as_object()->find("attestation_report")->as_object();
  report.find("measurement")->as_array()->at(0) = 107;
  const auto outcome = Verification().of(json::write(value));
  EXPECT_EQ(refusal(outcome), "snp.signature_mismatch");
  EXPECT_EQ(words(outcome), "Report signature verification against VEK signature failed");
}

TEST(SnpVerify, RefusesTheRootsOfAnotherProduct) {
  CASE("CPU-18");
  const auto outcome = Verification().of(with_report_members(kGenoa, {{"cpuid_mod_id", 1}}));
  EXPECT_EQ(refusal(outcome), "amd.chain_not_trusted");
  EXPECT_EQ(words(outcome), "Certificate chain provided by user failed to verify");
}

TEST(SnpVerify, RefusesAChainWithoutAnEndorsementKey) {
  CASE("CPU-19");
  EXPECT_EQ(refusal(Verification().of(with_chain(kGenoa, json::Array{}))), "snp.vek_missing");
  EXPECT_EQ(upstream_text(Errc::vek_missing),
            "If a cert chain is provided, it must include a VCEK/VLEK");
}

TEST(SnpVerify, RefusesAVcekLabelledVlek) {
  CASE("CPU-20");
  json::Value value = document(kGenoa);
  json::Object& entry = *value.as_object()->find("cert_chain")->as_array()->at(0).as_object();
  entry.set("cert_type", "VLEK");
  const auto outcome = Verification().of(json::write(value));
  EXPECT_EQ(refusal(outcome), "amd.chain_not_trusted");
  EXPECT_EQ(outcome.error().detail().find("a VCEK was presented"), std::string::npos)
      << "the signature of the ASVK is missed before anything is read: "
      << outcome.error().detail();
}

TEST(SnpVerify, AcceptsAVersion5ReportWhoseSignatureCoversTheMitigationVectors) {
  CASE("CPU-28");
  CASE("CPU-29");
  const Verification v;
  const auto claims = claims_of(attested(v.of(file_text(snp_vector(kMilanV5)))));
  const auto want = json::parse(file_text(snp_vector("derived-evidence-milan-v5-gcp.claims.json")));
  EXPECT_EQ(json::write_sorted(claims.claims), json::write_sorted(*want));
  EXPECT_EQ(refusal(v.of(with_report_members(kMilanV5, {{"current_mit_vector", 12}}))),
            "snp.signature_mismatch");
}

TEST(SnpVerify, RefusesAReportOfAnotherVmpl) {
  CASE("CPU-30");
  const std::string json = file_text(snp_vector("derived-evidence-milan-v5-gcp-vmpl1.json"));
  EXPECT_EQ(refusal(Verification().of(json)), "snp.vmpl_not_zero");
  EXPECT_EQ(words(Verification().of(json)), "VMPL Check Failed");
}

TEST(SnpVerify, AVlekPassesChainAndTcbAndFailsForItsVmplOnly) {
  CASE("CPU-31");
  const std::string json = file_text(snp_vector("derived-evidence-milan-v3-vlek-vmpl1.json"));
  Verification v;
  EXPECT_EQ(refusal(v.of(json)), "amd.vek_expired") << "it ended on 2025-12-10";
  v.policy.dates = amd::ValidityDates::ignored;
  EXPECT_EQ(refusal(v.of(json)), "snp.vmpl_not_zero");
  v.policy.dates = amd::ValidityDates::enforced;
  v.now = at("2025-06-01");
  EXPECT_EQ(refusal(v.of(json)), "snp.vmpl_not_zero");
}

TEST(SnpVerify, RefusesAVersion2Report) {
  CASE("CPU-32");
  const std::string json = file_text(snp_vector("derived-evidence-milan-v2.json"));
  EXPECT_EQ(refusal(Verification().of(json)), "snp.version_too_old");
}

TEST(SnpVerify, RefusesAVersion2ReportForItsVersionWhateverElseIsWrongWithIt) {
  // A masked chip id leaves the layout of the TCB open; the age comes first all the same.
  json::Array masked;
  for (int i = 0; i < 64; ++i) masked.emplace_back(0);
  const auto outcome =
      Verification().of(with_report_members(kGenoa, {{"version", 2}, {"chip_id", masked}}));
  EXPECT_EQ(refusal(outcome), "snp.version_too_old");
  Report raw = parse_report(file_bytes(snp_vector("test-report.bin"))).value();
  std::fill_n(raw.bytes.begin() + 0x1A0, 64, std::uint8_t{0});
  json::Value value = document(kGenoa);
  value.as_object()->set("attestation_report", codec::base64_encode(raw.bytes));
  EXPECT_EQ(refusal(Verification().of(json::write(value))), "snp.version_too_old");
}

/// A version 2 report and its key, which only the single rules accept.
struct MilanV2 {
  ByteVec bytes = file_bytes(snp_vector("test-report.bin"));
  ByteVec der = file_bytes(snp_vector("test-vcek.der"));
  amd::VerifiedVek vek =
      amd::verify_vek_chain({amd::Product::milan, amd::VekKind::vcek, der, {}, {}},
                            amd::real_roots().of(amd::Product::milan))
          .value();
};

TEST(SnpRules, TheMilanV2ReportIsSignedByItsKeyAtItsTcb) {
  CASE("CPU-33");
  const MilanV2 v2;
  const Report report = parse_report(v2.bytes).value();
  EXPECT_TRUE(check_signature(report, (*v2.vek)->key).ok());
  EXPECT_TRUE(check_reported_tcb(report, (*v2.vek)->extensions).ok());
  EXPECT_TRUE(check_chip_id(report, (*v2.vek)->extensions).ok());
  EXPECT_TRUE(check_version(report).error().is(Errc::version_too_old));
}

TEST(SnpRules, AChangedByteBreaksTheSignatureAndAChangedTcbTheTcbRule) {
  CASE("CPU-34");
  MilanV2 v2;
  ByteVec changed = v2.bytes;
  changed.at(42) = static_cast<std::uint8_t>(changed.at(42) + 1);
  EXPECT_TRUE(check_signature(parse_report(changed).value(), (*v2.vek)->key)
                  .error()
                  .is(Errc::signature_mismatch));
  changed = v2.bytes;
  changed.at(384) = static_cast<std::uint8_t>(changed.at(384) + 1);
  EXPECT_TRUE(check_reported_tcb(parse_report(changed).value(), (*v2.vek)->extensions)
                  .error()
                  .is(Errc::bootloader_mismatch));
}

TEST(SnpRules, NamesThePartOfTheTcbThatDiffersInTheOrderOfTheRules) {
  Report report;
  report.reported_tcb = {1, 2, 3, 4, 5};
  amd::VekExtensions vek;
  const auto code = [&](const amd::Tcb& endorsed) {
    vek.tcb = endorsed;
    const auto checked = check_reported_tcb(report, vek);
    return checked.ok() ? "accepted" : checked.error().code().id();
  };
  EXPECT_EQ(code({1, 2, 3, 4, 5}), "accepted");
  EXPECT_EQ(code({9, 9, 9, 9, 9}), "snp.microcode_mismatch");
  EXPECT_EQ(code({9, 9, 9, 9, 5}), "snp.snp_firmware_mismatch");
  EXPECT_EQ(code({9, 9, 9, 4, 5}), "snp.tee_mismatch");
  EXPECT_EQ(code({9, 9, 3, 4, 5}), "snp.bootloader_mismatch");
  EXPECT_EQ(code({9, 2, 3, 4, 5}), "snp.fmc_mismatch");
  EXPECT_EQ(code({std::nullopt, 2, 3, 4, 5}), "snp.fmc_mismatch");
}

TEST(SnpVerify, CertificateDataOfTenBytesIsRefusedWithoutHarm) {
  CASE("CPU-40");
  json::Array data;
  for (int i = 0; i < 10; ++i) {
    data.emplace_back(48);
  }
  const json::Array chain{json::Object{{"cert_type", "VCEK"}, {"data", data}}};
  EXPECT_EQ(refusal(Verification().of(with_chain(kGenoa, chain))), "amd.certificate_malformed");
}

TEST(SnpVerify, RefusesAnArkThatTheEmbeddedOneDidNotSign) {
  CASE("CPU-39");
  json::Array foreign;
  for (const std::uint8_t b : file_bytes(pki("ark-genoa-foreign.der"))) {
    foreign.emplace_back(static_cast<int>(b));
  }
  json::Value value = document(kGenoa);
  value.as_object()
      ->find("cert_chain")
      ->as_array()
      ->emplace_back(json::Object{{"cert_type", "ARK"}, {"data", foreign}});
  EXPECT_EQ(refusal(Verification().of(json::write(value))), "amd.ark_not_trusted");
  EXPECT_EQ(upstream_text(amd::Errc::ark_not_trusted), "Provided ARK has an invalid signature");
}

}  // namespace
}  // namespace trustee::snp

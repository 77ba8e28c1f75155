#include <gtest/gtest.h>

#include "base/try.h"
#include "snp/snp_test_data.h"
#include "tests/support/case.h"

// Evidence under a hierarchy of our own (tests/vectors/snp-test-pki): what no public report shows.

namespace trustee::snp {
namespace {

/// Verifies a built report with one certificate of the test hierarchy.
class Endorsed : public ::testing::Test {
 protected:
  Endorsed() { v_.roots = &amd::test_roots(); }

  Result<Outcome> verify_with(const SnpBuilder& report, const std::string& vek,
                              const std::string& type = "VCEK") {
    return v_.of(snp_raw_evidence(report.sign(key_), type, file_bytes(pki(vek))));
  }

  const crypto::PrivateKey key_ = snp_test_key();
  Verification v_;
};

TEST_F(Endorsed, EachLayoutIsAccepted) {
  EXPECT_TRUE(verify_with(SnpBuilder::genoa_v3(), "vcek-genoa.der").ok());
  EXPECT_TRUE(verify_with(SnpBuilder::milan_v4(), "vcek-milan.der").ok());
  EXPECT_TRUE(verify_with(SnpBuilder::milan_v5(), "vcek-milan.der").ok());
  EXPECT_TRUE(verify_with(SnpBuilder::turin_v5(), "vcek-turin.der").ok());
}

TEST_F(Endorsed, ReportsSignedByPythonAreAccepted) {
  const struct {
    const char *report, *vek;
  } rows[] = {{"report-genoa-v3.bin", "vcek-genoa.der"},
              {"report-milan-v4.bin", "vcek-milan.der"},
              {"report-turin-v5.bin", "vcek-turin.der"}};
  for (const auto& row : rows) {
    const auto outcome =
        v_.of(snp_raw_evidence(file_bytes(pki(row.report)), "VCEK", file_bytes(pki(row.vek))));
    EXPECT_TRUE(outcome.ok()) << row.report << ": " << outcome.error().to_string();
  }
}

TEST_F(Endorsed, ATurinReportBindsItsFmcAndItsShortChipId) {
  const auto a = attested(verify_with(SnpBuilder::turin_v5(), "vcek-turin.der"));
  EXPECT_EQ(a->report.reported_tcb, (amd::Tcb{1, 2, 3, 4, 200}));
  EXPECT_EQ(a->product, amd::Product::turin);
  EXPECT_EQ(
      refusal(verify_with(SnpBuilder::turin_v5().with_reported_tcb(from_hex("02020304000000c8")),
                          "vcek-turin.der")),
      "snp.fmc_mismatch");
  ByteVec long_id = from_hex("1122334455667788");
  long_id.resize(64, 0);
  long_id[63] = 1;
  EXPECT_EQ(refusal(verify_with(SnpBuilder::turin_v5().with_chip_id(long_id), "vcek-turin.der")),
            "snp.chip_id_mismatch");
}

TEST_F(Endorsed, ATurinFmcOfZeroMayBeNullInTheEvidence) {
  // `fmc: null` and a genuine fmc of 0 make the same report bytes.
  const Report report =
      parse_report(
          SnpBuilder::turin_v5().with_reported_tcb(from_hex("00020304000000c8")).sign(key_))
          .value();
  json::Value value = evidence_value(report, std::nullopt);
  json::Object& fields = *value.as_object()->find("attestation_report")->as_object();
  fields.find("reported_tcb")->as_object()->set("fmc", nullptr);
  const auto evidence = parse_evidence(json::write(value));
  ASSERT_TRUE(evidence.ok());
  EXPECT_EQ(report_of(*evidence).value().bytes, report.bytes);
}

TEST_F(Endorsed, AKeyOfAnotherChipIsRefused) {
  EXPECT_EQ(refusal(verify_with(SnpBuilder::genoa_v3(), "vcek-genoa-other-chip.der")),
            "snp.chip_id_mismatch");
}

TEST_F(Endorsed, AMaskedChipIdIsAccepted) {
  EXPECT_TRUE(verify_with(SnpBuilder::genoa_v3().with_masked_chip_id(), "vcek-genoa.der").ok());
}

TEST_F(Endorsed, AVlekIsAcceptedWhenTheReportSaysSo) {
  const auto vlek_report = SnpBuilder::milan_v5().with_signing_key(1).with_masked_chip_id();
  const auto a = attested(verify_with(vlek_report, "vlek-milan.der", "VLEK"));
  EXPECT_EQ(a->vek_kind, amd::VekKind::vlek);
}

TEST_F(Endorsed, TheSigningKeyOfTheReportMustBeTheKindOfTheCertificate) {
  EXPECT_EQ(refusal(verify_with(SnpBuilder::milan_v5(), "vlek-milan.der", "VLEK")),
            "snp.signing_key_mismatch");
  for (const std::uint32_t signing_key : {1U, 2U, 7U}) {
    EXPECT_EQ(refusal(verify_with(SnpBuilder::genoa_v3().with_signing_key(signing_key),
                                  "vcek-genoa.der")),
              "snp.signing_key_mismatch");
  }
}

TEST_F(Endorsed, DebugIsAClaimNotARefusal) {
  const auto claims = claims_of(
      attested(verify_with(SnpBuilder::genoa_v3().with_debug_allowed(), "vcek-genoa.der")));
  EXPECT_EQ(*claims.claims.find("policy_debug_allowed"), json::Value(true));
}

TEST_F(Endorsed, EveryPolicyAndPlatformBitReachesItsOwnClaim) {
  const auto claims_with = [&](std::uint64_t policy, std::uint64_t platform) {
    return claims_of(attested(verify_with(
                         SnpBuilder::genoa_v3().with_policy(policy).with_platform_info(platform),
                         "vcek-genoa.der")))
        .claims;
  };
  const auto is_true = [](const json::Object& o, const char* name) {
    return *o.find(name) == json::Value(true);
  };
  const char* const names[] = {"policy_smt_allowed",   "policy_migrate_ma",
                               "policy_debug_allowed", "policy_single_socket",
                               "platform_smt_enabled", "platform_tsme_enabled"};
  const std::pair<std::uint64_t, std::uint64_t> bits[] = {
      {1ULL << 16U, 0}, {1ULL << 18U, 0}, {1ULL << 19U, 0}, {1ULL << 20U, 0}, {0, 1}, {0, 2}};
  for (std::size_t i = 0; i < std::size(names); ++i) {
    const auto claims = claims_with(bits[i].first, bits[i].second);
    for (std::size_t j = 0; j < std::size(names); ++j) {
      EXPECT_EQ(is_true(claims, names[j]), i == j) << names[j];
    }
  }
  const auto abi = claims_with(0x0201, 0);
  EXPECT_EQ(*abi.find("policy_abi_major"), json::Value(2));
  EXPECT_EQ(*abi.find("policy_abi_minor"), json::Value(1));
}

TEST_F(Endorsed, AnotherSignatureAlgorithmIsRefused) {
  for (const std::uint32_t algorithm : {0U, 2U}) {
    EXPECT_EQ(refusal(verify_with(SnpBuilder::genoa_v3().with_signature_algorithm(algorithm),
                                  "vcek-genoa.der")),
              "snp.signature_algorithm_unsupported");
  }
}

TEST_F(Endorsed, AScalarLongerThan48BytesIsRefused) {
  ByteVec report = SnpBuilder::genoa_v3().sign(key_);
  report.at(0x2A0 + 48) = 1;
  EXPECT_EQ(refusal(v_.of(snp_raw_evidence(report, "VCEK", file_bytes(pki("vcek-genoa.der"))))),
            "snp.signature_mismatch");
}

TEST_F(Endorsed, AnExpiredKeyIsRefusedUnlessThePolicyIgnoresDates) {
  const auto report = SnpBuilder::genoa_v3();
  EXPECT_EQ(refusal(verify_with(report, "vcek-genoa-expired.der")), "amd.vek_expired");
  EXPECT_EQ(refusal(verify_with(report, "vcek-genoa-future.der")), "amd.vek_not_yet_valid");
  v_.policy.dates = amd::ValidityDates::ignored;
  EXPECT_TRUE(verify_with(report, "vcek-genoa-expired.der").ok());
  EXPECT_TRUE(verify_with(report, "vcek-genoa-future.der").ok());
}

TEST_F(Endorsed, RequiredRevocationAsksForTheListAndObeysIt) {
  v_.policy.revocation = amd::Revocation::required;
  const auto report = SnpBuilder::genoa_v3();
  const auto first = verify_with(report, "vcek-genoa.der");
  ASSERT_TRUE(first.ok());
  const Needs& needs = std::get<Needs>(*first);
  EXPECT_EQ(needs.crl, (CrlRequest{amd::Product::genoa, amd::VekKind::vcek}));
  EXPECT_FALSE(needs.vcek.has_value());

  const auto list = [](const char* name) {
    return amd::ArkCrl::create(file_bytes(pki(name)), amd::Product::genoa,
                               amd::test_roots().of(amd::Product::genoa), kNow)
        .value();
  };
  v_.crl = list("crl-genoa-clean.der");
  const auto a = attested(verify_with(report, "vcek-genoa.der"));
  EXPECT_EQ(*verification_claims(a).find("endorsement_revocation_checked"), json::Value(true));
  v_.crl = list("crl-genoa-revoked.der");
  EXPECT_EQ(refusal(verify_with(report, "vcek-genoa.der")), "amd.vek_revoked");
  v_.policy.revocation = amd::Revocation::not_checked;
  const auto unchecked = attested(verify_with(report, "vcek-genoa.der"));
  EXPECT_EQ(json::write(verification_claims(unchecked)),
            R"({"endorsement_key":"VCEK","endorsement_dates_checked":true,)"
            R"("endorsement_revocation_checked":false})");
}

TEST_F(Endorsed, AFailedRuleComesBeforeTheWishForAList) {
  v_.policy.revocation = amd::Revocation::required;
  EXPECT_EQ(refusal(verify_with(SnpBuilder::genoa_v3().with_vmpl(1), "vcek-genoa.der")),
            "snp.vmpl_not_zero");
}

TEST_F(Endorsed, EvidenceWithoutAKeyAsksForItAndVerifiesWithIt) {
  const ByteVec report = SnpBuilder::turin_v5().sign(key_);
  const std::string json = snp_raw_evidence(report, "", {});
  const auto first = v_.of(json);
  ASSERT_TRUE(first.ok()) << first.error().to_string();
  const Needs& needs = std::get<Needs>(*first);
  ASSERT_TRUE(needs.vcek.has_value());
  EXPECT_EQ(needs.vcek->product, amd::Product::turin);
  EXPECT_EQ(needs.vcek->tcb, (amd::Tcb{1, 2, 3, 4, 200}));
  EXPECT_EQ(amd::hwid_hex(*needs.vcek), "1122334455667788");
  EXPECT_FALSE(needs.crl.has_value());

  const ByteVec vcek = file_bytes(pki("vcek-turin.der"));
  v_.vcek = vcek;
  EXPECT_TRUE(std::holds_alternative<claims::Verified<Attested>>(v_.of(json).value()));
  const ByteVec wrong = file_bytes(pki("vcek-genoa.der"));
  v_.vcek = wrong;
  EXPECT_EQ(refusal(v_.of(json)), "amd.chain_not_trusted");
}

TEST_F(Endorsed, NothingIsAskedForBeforeFormatProductVmplAndBindingHold) {
  const auto code = [&](const SnpBuilder& b) {
    return refusal(v_.of(snp_raw_evidence(b.sign(key_), "", {})));
  };
  EXPECT_EQ(code(SnpBuilder::genoa_v3().with_version(2)), "snp.version_too_old");
  EXPECT_EQ(code(SnpBuilder::genoa_v3().with_cpuid(0x17, 1)), "amd.processor_family_not_supported");
  EXPECT_EQ(code(SnpBuilder::genoa_v3().with_vmpl(1)), "snp.vmpl_not_zero");
  EXPECT_EQ(code(SnpBuilder::genoa_v3().with_byte(0x04C, 1)), "snp.report_malformed");
  const ByteVec other(64, 0xEE);
  v_.expected.report_data = other;
  EXPECT_EQ(code(SnpBuilder::genoa_v3()), "snp.report_data_mismatch");
  v_.expected.report_data.reset();
  v_.expected.init_data_hash = other;
  EXPECT_EQ(code(SnpBuilder::genoa_v3()), "snp.host_data_mismatch");
}

TEST_F(Endorsed, AFetchedKeyDoesNotReplaceTheChainOfTheEvidence) {
  const ByteVec good = file_bytes(pki("vcek-genoa.der"));
  v_.vcek = good;
  EXPECT_EQ(refusal(verify_with(SnpBuilder::genoa_v3(), "vcek-genoa-other-chip.der")),
            "snp.chip_id_mismatch");
}

}  // namespace
}  // namespace trustee::snp

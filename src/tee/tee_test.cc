#include "tee/tee.h"

#include <gtest/gtest.h>

#include <set>

#include "azure/errors.h"
#include "sample/errors.h"
#include "snp/errors.h"
#include "tee/errors.h"
#include "tests/support/case.h"
#include "tests/support/file_bytes.h"
#include "tpm_evidence/errors.h"

namespace trustee::tee {
namespace {

using rcar::Tee;
using rcar::TeeClass;

const Trust& trust() {
  static const Trust t{amd::RootSet::built_in().value(), {}, false};
  return t;
}

class Evaluation : public ::testing::Test {
 protected:
  Result<Outcome> of(Tee tee, std::string_view evidence, const Trust& with = trust()) {
    return evaluate(tee, {evidence, {}, collateral_, with, caches_, from_unix_seconds(1795500000)});
  }
  Caches caches_;
  Collateral collateral_;
};

const std::string& genoa() {
  static const std::string text = file_text("tests/vectors/snp/evidence-genoa-e2e.json");
  return text;
}

/// The same without its certificates.
std::string genoa_without_key() {
  json::Value value = json::parse(genoa()).value();
  value.as_object()->set("cert_chain", nullptr);
  return json::write(value);
}

TEST(Kinds, EachTeeStandsOnceWithItsClass) {
  std::set<Tee> seen;
  for (const Kind& kind : kinds()) {
    EXPECT_TRUE(seen.insert(kind.tee).second) << rcar::to_string(kind.tee);
    const TeeClass wanted = kind.tee == Tee::sample_device ? TeeClass::gpu : TeeClass::cpu;
    EXPECT_EQ(kind.tee_class, wanted);
  }
  EXPECT_TRUE(seen.contains(Tee::snp));
  EXPECT_TRUE(seen.contains(Tee::sample));
  EXPECT_TRUE(seen.contains(Tee::sample_device));
}

TEST_F(Evaluation, GivesClaimSetsOfTheKindsClass) {
  const struct {
    Tee tee;
    std::string evidence;
  } rows[] = {{Tee::sample, R"({"svn":"1"})"},
              {Tee::sample_device, R"({"svn":"2"})"},
              {Tee::snp, genoa()},
              {Tee::tpm, file_text("src/tpm_evidence/testdata/tpm_evidence.json")}};
  for (const auto& row : rows) {
    const auto outcome = of(row.tee, row.evidence);
    ASSERT_TRUE(outcome.ok()) << outcome.error().to_string();
    const auto& sets = std::get<std::vector<claims::ClaimSet>>(*outcome);
    ASSERT_EQ(sets.size(), 1U);
    for (const Kind& kind : kinds()) {
      if (kind.tee == row.tee) {
        EXPECT_EQ(sets[0].tee_class, kind.tee_class);
      }
    }
  }
}

TEST_F(Evaluation, SnpClaimsAreUpstreamsAloneUnlessMoreIsAskedFor) {
  const auto plain = of(Tee::snp, genoa());
  const auto& set = std::get<std::vector<claims::ClaimSet>>(*plain).at(0);
  const auto want = json::parse(file_text("tests/vectors/snp/evidence-genoa-e2e.claims.json"));
  EXPECT_EQ(json::write_sorted(set.claims), json::write_sorted(*want));
  Trust more = trust();
  more.verification_claims = true;
  const auto extended = of(Tee::snp, genoa(), more);
  const auto& claims = std::get<std::vector<claims::ClaimSet>>(*extended).at(0).claims;
  EXPECT_EQ(claims.size(), set.claims.size() + 3);
  EXPECT_EQ(*claims.find("endorsement_revocation_checked"), json::Value(false));
}

TEST_F(Evaluation, AzureEvidenceObeysTheOperatorsMinimumAndIsAskedForItsBinding) {
  const std::string evidence = file_text("src/az_snp_vtpm/testdata/evidence-v1.json");
  const auto bound = [&](const Trust& with) {
    return evaluate(Tee::az_snp_vtpm, {evidence,
                                       {as_bytes("challenge"), std::nullopt},
                                       collateral_,
                                       with,
                                       caches_,
                                       from_unix_seconds(1795500000)});
  };
  Trust more = trust();
  more.verification_claims = true;
  const auto outcome = bound(more);
  ASSERT_TRUE(outcome.ok()) << outcome.error().to_string();
  const auto& claims = std::get<std::vector<claims::ClaimSet>>(*outcome).at(0).claims;
  EXPECT_EQ(*claims.find("endorsement_key"), json::Value("VCEK"));
  EXPECT_EQ(*claims.find("policy_abi_minor"), json::Value("31"));
  more.azure.minimum_version = 2;
  EXPECT_TRUE(bound(more).error().is(azure::Errc::evidence_version_too_old));
  const auto unbound = of(Tee::az_snp_vtpm, evidence);
  EXPECT_EQ(upstream_text(unbound.error()), "unexpected empty report data");
}

TEST_F(Evaluation, TpmEvidenceObeysTheOperatorsKeys) {
  const std::string evidence = file_text("src/tpm_evidence/testdata/tpm_evidence.json");
  Trust listed = trust();
  listed.tpm.ak_trust = tpm_evidence::AkTrust::listed;
  const auto refused = of(Tee::tpm, evidence, listed);
  EXPECT_TRUE(refused.error().is(tpm_evidence::Errc::ak_not_trusted));
}

TEST_F(Evaluation, SaysWhatIsMissingAndGoesOnWithIt) {
  const std::string evidence = genoa_without_key();
  const auto first = of(Tee::snp, evidence);
  ASSERT_TRUE(first.ok());
  const auto& needs = std::get<snp::Needs>(std::get<Needs>(*first));
  ASSERT_TRUE(needs.vcek.has_value());
  EXPECT_EQ(needs.vcek->product, amd::Product::genoa);
  collateral_.vcek = file_bytes("tests/vectors/snp/evidence-genoa-e2e.vcek.der");
  const auto second = of(Tee::snp, evidence);
  ASSERT_TRUE(second.ok()) << second.error().to_string();
  EXPECT_TRUE(std::holds_alternative<std::vector<claims::ClaimSet>>(*second));
}

TEST_F(Evaluation, KeepsTheProofOfAChainBetweenRequests) {
  ASSERT_TRUE(of(Tee::snp, genoa()).ok());
  ASSERT_TRUE(of(Tee::snp, genoa()).ok());
  EXPECT_EQ(caches_.vek.size(), 1U);
}

TEST_F(Evaluation, RefusesWhatItHasNoVerifierFor) {
  for (const Tee tee : rcar::kAllTees) {
    bool known = false;
    for (const Kind& kind : kinds()) known = known || kind.tee == tee;
    if (known) continue;
    const auto outcome = of(tee, "{}");
    ASSERT_FALSE(outcome.ok());
    EXPECT_TRUE(outcome.error().is(Errc::not_supported));
    EXPECT_FALSE(supplemental_challenge(tee, "").ok());
  }
  const auto cca = of(Tee::cca, "{}");
  EXPECT_EQ(upstream_text(cca.error()),
            "feature `cca-verifier` is not enabled for `verifier` crate.");
}

TEST_F(Evaluation, EvidenceOfOneTeeIsNotTakenForAnother) {
  EXPECT_FALSE(of(Tee::snp, R"({"svn":"1"})").ok());
  EXPECT_FALSE(of(Tee::sample, genoa()).ok());
}

TEST_F(Evaluation, FailuresHaveUpstreamsWords) {
  EXPECT_EQ(upstream_text(Error(snp::Errc::vmpl_not_zero)), "VMPL Check Failed");
  EXPECT_EQ(upstream_text(Error(sample::Errc::evidence_malformed)), "Deserialize Quote failed.");
  EXPECT_EQ(upstream_text(Error(snp::Errc::signing_key_mismatch)),
            Code(snp::Errc::signing_key_mismatch).text());
}

TEST(SupplementalChallenge, IsEmptyForAllKindsSoFar) {
  for (const Kind& kind : kinds()) {
    EXPECT_EQ(supplemental_challenge(kind.tee, R"({"x":1})").value(), "");
  }
}

}  // namespace
}  // namespace trustee::tee

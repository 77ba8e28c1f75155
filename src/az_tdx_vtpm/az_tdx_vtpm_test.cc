#include "az_tdx_vtpm/az_tdx_vtpm.h"

#include <gtest/gtest.h>

#include "azure/errors.h"
#include "codec/base64.h"
#include "codec/hex.h"
#include "intel/intel_test_data.h"
#include "tdx/claims.h"
#include "tests/support/case.h"
#include "tests/support/flipped.h"
#include "tests/support/hcl_builder.h"
#include "tests/support/intel_builder.h"

namespace trustee::az_tdx_vtpm {
namespace {

std::string real(const char* version) {
  return file_text("src/azure/testdata/tdx-evidence-" + std::string(version) + ".json");
}

/// How one evidence document is verified in a test; bound to "challenge".
struct Verification {
  intel::RootKey root = intel::RootKey::built_in();
  intel::VerifiedCollateral collateral = nullptr;
  Time now = kIntelNow;
  claims::Expected expected{as_bytes("challenge"), std::nullopt};
  azure::Policy policy{};

  Result<Outcome> of(std::string_view json) const {
    auto evidence = parse_evidence(json);
    if (!evidence.ok()) return std::move(evidence).error();
    intel::PckCache cache;
    return verify(*evidence, expected, {root, cache, collateral}, policy, now);
  }
  std::string refusal(std::string_view json) const {
    auto outcome = of(json);
    if (!outcome.ok()) return outcome.error().code().id();
    return std::holds_alternative<intel::Needs>(*outcome) ? "needs collateral" : "accepted";
  }
};

Verification with_real_collateral() {
  const auto set = intel::vector_set("tdx-v4-00806f050000-azure");
  Verification v;
  v.collateral = intel::verify_collateral(set.documents, intel::RootKey::built_in()).value();
  v.now = set.at;
  return v;
}

TEST(AzTdxVtpm, OfARealMachineVerifiesAndGivesTheClaimsOfTdxAndOfTheVtpm) {
  const auto set = intel::vector_set("tdx-v4-00806f050000-azure");
  for (const char* version : {"v0", "v1"}) {
    const auto outcome = with_real_collateral().of(real(version));
    ASSERT_TRUE(outcome.ok()) << outcome.error().to_string();
    const auto& attested = std::get<claims::Verified<Attested>>(*outcome);
    const json::Value claims = claims_of(attested).claims;
    for (const json::Member& m : set.expected_claims()) {
      EXPECT_EQ(*claims.as_object()->find(m.name), m.value) << m.name;
    }
    for (const json::Member& m : tdx::quote_claims(attested->tdx->quote->quote)) {
      EXPECT_EQ(*claims.as_object()->find(m.name), m.value) << m.name;
    }
    EXPECT_EQ(claims.at_pointer("/tpm/pcr00")->as_string()->substr(0, 8), "782b20b1");
    EXPECT_EQ(*claims.at_pointer("/report_data"), json::Value("6368616c6c656e6765"));
    EXPECT_EQ(*claims.at_pointer("/init_data"), *claims.at_pointer("/tpm/pcr08"));
    EXPECT_EQ(claims.at_pointer("/uefi_event_logs"), nullptr);
  }
}

TEST(AzTdxVtpm, AChangedByteOfTheVariableDataNoLongerFitsTheQuote) {
  CASE("CPU-94");
  azure::Evidence evidence = parse_evidence(real("v1")).value();
  evidence.hcl_report[0x880] = static_cast<std::uint8_t>(evidence.hcl_report[0x880] + 1);
  const Verification v = with_real_collateral();
  intel::PckCache cache;
  const auto outcome = verify(evidence, v.expected, {v.root, cache, v.collateral}, v.policy, v.now);
  ASSERT_FALSE(outcome.ok());
  EXPECT_TRUE(outcome.error().is(azure::Errc::variable_data_mismatch) ||
              outcome.error().is(azure::Errc::quote_not_signed_by_ak) ||
              outcome.error().is(azure::Errc::variable_data_malformed))
      << outcome.error().to_string();
}

TEST(AzTdxVtpm, AsksForCollateralOnlyWhenEverythingElseHolds) {
  Verification v;
  EXPECT_EQ(v.refusal(real("v1")), "needs collateral");
  v.expected.report_data = as_bytes("challengE");
  EXPECT_EQ(v.refusal(real("v1")), "tpm.nonce_mismatch");
  v.expected.report_data = std::nullopt;
  EXPECT_EQ(v.refusal(real("v1")), "azure.report_data_missing");
}

TEST(AzTdxVtpm, TheOperatorSetsTheLowestVersion) {
  Verification v = with_real_collateral();
  v.policy.minimum_version = 2;
  EXPECT_EQ(v.refusal(real("v1")), "azure.evidence_version_too_old");
}

/// Evidence of our own test hardware.
struct Machine {
  TpmQuoteBuilder quote = TpmQuoteBuilder().with_nonce(as_bytes("challenge"));
  HclBuilder hcl = HclBuilder(test_rsa_ak().public_key()).with_user_data(as_bytes("challenge"));
  QuoteBuilder td = QuoteBuilder::tdx_v4();
  unsigned version = 2;
  std::uint32_t type = 4;
  std::optional<std::size_t> td_report_byte;  ///< of the TDREPORT alone, as an offset in the body

  std::string evidence(const IntelBuilder& intel) const {
    QuoteBuilder bound = td;
    bound.with_report_data(hcl.report_data());
    QuoteBuilder reported = bound;
    if (td_report_byte.has_value()) reported.with_body_byte(*td_report_byte, 0xE7);
    return azure_evidence(version, quote, test_rsa_ak(), hcl.report(type, reported.td_report()),
                          "td_quote", bound.sign(intel.pki));
  }
};

class TestHardware : public ::testing::Test {
 protected:
  TestHardware() {
    v_.root = intel_.root();
    v_.collateral = intel::verify_collateral(intel_.documents(), intel_.root()).value();
  }
  std::string refusal(const Machine& machine) { return v_.refusal(machine.evidence(intel_)); }

  IntelBuilder intel_ = IntelBuilder::tdx();
  Verification v_;
};

TEST_F(TestHardware, IsAcceptedInVersion2) {
  EXPECT_EQ(refusal({}), "accepted");
  Machine newer;
  newer.td = QuoteBuilder::tdx_v5_15();
  EXPECT_EQ(refusal(newer), "accepted");
}

TEST_F(TestHardware, IsBoundByUserDataAndPcr8) {
  CASE("CPU-95");
  Machine machine;
  machine.hcl.with_user_data(as_bytes("another"));
  EXPECT_EQ(refusal(machine), "azure.user_data_mismatch");
  machine.version = 1;
  EXPECT_EQ(refusal(machine), "accepted");
  const ByteVec hash(32, 0x42);
  machine.quote.with_init_data(hash);
  v_.expected.init_data_hash = hash;
  EXPECT_EQ(refusal(machine), "accepted");
  const ByteVec longer(48, 0x42);
  v_.expected.init_data_hash = longer;
  EXPECT_EQ(refusal(machine), "azure.init_data_mismatch");
}

TEST_F(TestHardware, WithTheTdReportOfAnotherTdIsRefused) {
  for (const std::size_t at : {0U, 16U, 64U, 112U, 120U, 128U, 136U, 184U, 232U, 280U, 328U, 376U,
                               424U, 472U, 519U, 552U, 583U}) {
    Machine machine;
    machine.td_report_byte = at;
    EXPECT_EQ(refusal(machine), "tdx.td_report_mismatch") << at;
  }
}

TEST_F(TestHardware, OfTheOtherKindOrWithAnotherQuoteIsRefused) {
  Machine machine;
  machine.type = 2;
  EXPECT_EQ(refusal(machine), "azure.hcl_report_type_mismatch");
  machine = {};
  machine.td = QuoteBuilder::sgx_v3();
  EXPECT_EQ(refusal(machine), "tdx.quote_of_sgx");
  machine = {};
  v_.root = intel::RootKey::built_in();
  EXPECT_NE(refusal(machine), "accepted");
}

TEST_F(TestHardware, EveryFlippedBitOfTheQuotesSignedPartIsRefused) {
  const azure::Evidence whole = parse_evidence(Machine().evidence(intel_)).value();
  intel::PckCache cache;
  for (std::size_t bit = 0; bit < (48 + 584) * 8; ++bit) {
    azure::Evidence changed = whole;
    changed.endorsement = flipped(whole.endorsement, bit);
    const auto outcome =
        verify(changed, v_.expected, {v_.root, cache, v_.collateral}, v_.policy, v_.now);
    EXPECT_FALSE(outcome.ok()) << "bit " << bit;
  }
}

TEST(AzTdxVtpm, EveryFlippedBitOfVariableDataAndTdReportIsRefused) {
  const azure::Evidence whole = parse_evidence(real("v1")).value();
  const Verification v = with_real_collateral();
  const std::size_t end = 0x4D4 + azure::parse_hcl_report(whole.hcl_report)->variable_data.size();
  intel::PckCache cache;
  const auto accepted = [&](const azure::Evidence& evidence) {
    return verify(evidence, v.expected, {v.root, cache, v.collateral}, v.policy, v.now).ok();
  };
  ASSERT_TRUE(accepted(whole));
  const auto every_bit_refused = [&](std::size_t from, std::size_t to) {
    for (std::size_t bit = from * 8; bit < to * 8; ++bit) {
      azure::Evidence changed = whole;
      changed.hcl_report = flipped(whole.hcl_report, bit);
      EXPECT_FALSE(accepted(changed)) << "bit " << bit;
    }
  };
  every_bit_refused(0x4C8, end);                // kind, hash, size, variable data
  every_bit_refused(0x020 + 128, 0x020 + 192);  // REPORTDATA
  every_bit_refused(0x020 + 264, 0x020 + 384);  // the TDX module
  every_bit_refused(0x020 + 512, 0x020 + 912);  // the TD
}

}  // namespace
}  // namespace trustee::az_tdx_vtpm

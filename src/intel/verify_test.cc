#include "intel/verify.h"

#include <gtest/gtest.h>

#include "intel/intel_test_data.h"
#include "intel/texts.h"

namespace trustee::intel {
namespace {

std::string text_of_refusal(const Result<Outcome>& outcome) {
  EXPECT_FALSE(outcome.ok());
  return outcome.ok() ? "accepted" : upstream_text(outcome.error()).value_or("none");
}

std::string status_of(const Result<Outcome>& outcome) {
  return outcome.ok() ? std::string(to_string(attested(outcome)->status))
                      : outcome.error().to_string();
}

TEST(VerifyQuote, GivesTheExpectedStatusOfEachRealSet) {
  for (const char* name : {"sgx-00a067110000-processor-ca", "tdx-v4-00806f050000-azure",
                           "tdx-v4-00a06d080000-outofdate", "tdx-v4-20a06f000000",
                           "tdx-v4-50806f000000-2023", "tdx-v4-b0c06f000000"}) {
    const VectorSet set = vector_set(name);
    EXPECT_EQ(status_of(judged(set)), *set.expected_claims().find("tcb_status")->as_string())
        << name;
  }
}

TEST(VerifyQuote, RefusesPlatformsBelowEveryLevel) {
  CASE("CPU-56");
  for (const char* name :
       {"tdx-v4-50806f000000-2023-unsupported", "tdx-v5-90c06f000000-2025-unsupported",
        "tdx-v5-90c06f000000-unsupported"}) {
    const auto outcome = judged(vector_set(name));
    EXPECT_EQ(refusal(outcome), "intel.tcb_not_supported") << name;
    EXPECT_EQ(text_of_refusal(outcome),
              "tee_verify_quote failed: 0xe066 - Current TCB level cannot be found in "
              "platform/enclave TCB info.");
  }
}

TEST(VerifyQuote, RefusesForgedDocuments) {
  CASE("CPU-61");
  const auto outcome = judged(vector_set("neg-tcbinfo-bad-signature"));
  EXPECT_EQ(refusal(outcome), "intel.tcb_info_not_trusted");
  EXPECT_EQ(text_of_refusal(outcome).substr(0, 33), "tee_verify_quote failed: 0xe03a -");
  VectorSet set = vector_set("tdx-v4-b0c06f000000");
  const std::size_t digit = set.documents.qe_identity.size() - 3;
  set.documents.qe_identity[digit] = set.documents.qe_identity[digit] == '0' ? '1' : '0';
  const auto identity = judged(set);
  EXPECT_EQ(refusal(identity), "intel.qe_identity_not_trusted");
  EXPECT_EQ(text_of_refusal(identity).substr(0, 33), "tee_verify_quote failed: 0xe039 -");
}

TEST(VerifyQuote, RefusesTcbInfoOfAnotherPlatformOrTee) {
  CASE("CPU-62");
  VectorSet set = vector_set("tdx-v4-b0c06f000000");
  set.documents.tcb_info = vector_set("tdx-v4-20a06f000000").documents.tcb_info;
  const auto other = judged(set);
  EXPECT_EQ(refusal(other), "intel.tcb_info_mismatch");
  EXPECT_EQ(text_of_refusal(other).substr(0, 33), "tee_verify_quote failed: 0xe024 -");
  EXPECT_EQ(refusal(judged(vector_set("neg-tdx-quote-with-sgx-tcbinfo"))),
            "intel.tcb_info_mismatch");
}

TEST(VerifyQuote, AsksForCollateralOnlyWhenAllElseWasVerified) {
  const VectorSet set = vector_set("tdx-v4-b0c06f000000");
  const auto outcome = Verification{.now = set.at}.of(set.quote);
  ASSERT_TRUE(outcome.ok()) << outcome.error().to_string();
  const auto& needs = std::get<Needs>(*outcome);
  EXPECT_EQ(cache_name(needs.collateral), "tdx/b0c06f000000/platform");
  ByteVec changed = set.quote;
  changed[200] ^= 1U;
  EXPECT_EQ(refusal(Verification{.now = set.at}.of(changed)), "intel.quote_signature_invalid");
}

TEST(VerifyQuote, CollateralPastItsDateIsSaidNotRefused) {
  CASE("CPU-60");
  const VectorSet set = vector_set("tdx-v4-b0c06f000000");
  const Time after = at("2025-07-20T10:16:03Z");  // a day after tcb_info's nextUpdate
  EXPECT_FALSE(attested(judged(set))->expired());
  const auto late = attested(judged(set.quote, set.documents, after));
  EXPECT_TRUE(late->expired());
  EXPECT_EQ(late->status, QuoteStatus::up_to_date);
}

TEST(VerifyQuote, ARootOfAnotherHierarchyIsNotTrusted) {
  const IntelBuilder built = IntelBuilder::tdx();
  EXPECT_EQ(
      refusal(Verification{.root = RootKey::built_in()}.of(QuoteBuilder::tdx_v4().sign(built.pki))),
      "intel.pck_chain_not_trusted");
  EXPECT_EQ(refusal(verify_collateral(built.documents(), RootKey::built_in())),
            "intel.crl_not_trusted");
}

TEST(VerifyQuote, AcceptsWhatTheBuildersMake) {
  CASE("CPU-55");
  const IntelBuilder tdx = IntelBuilder::tdx();
  for (const auto& quote : {QuoteBuilder::tdx_v4(), QuoteBuilder::tdx_v5_10(),
                            QuoteBuilder::tdx_v5_15(), QuoteBuilder::tdx_v5_15_extended()}) {
    const auto outcome = judged(quote, tdx);
    ASSERT_TRUE(outcome.ok()) << outcome.error().to_string();
    EXPECT_EQ(attested(outcome)->status, QuoteStatus::up_to_date);
    EXPECT_EQ(attested(outcome)->current.status, TcbStatus::up_to_date);
    EXPECT_FALSE(attested(outcome)->expired());
  }
  const IntelBuilder sgx = IntelBuilder::sgx();
  for (const auto& quote :
       {QuoteBuilder::sgx_v3(), QuoteBuilder::sgx_v4(), QuoteBuilder::sgx_v5()}) {
    const auto outcome = judged(quote, sgx);
    ASSERT_TRUE(outcome.ok()) << outcome.error().to_string();
    EXPECT_EQ(attested(outcome)->status, QuoteStatus::up_to_date);
  }
}

TEST(VerifyQuote, JudgesEnclavesByTheirOwnDocumentsInEveryVersion) {
  for (const auto& quote : {QuoteBuilder::sgx_v4(), QuoteBuilder::sgx_v5()}) {
    EXPECT_EQ(refusal(judged(quote, IntelBuilder::tdx())), "intel.tcb_info_mismatch");
    IntelBuilder outdated = IntelBuilder::sgx();
    outdated.tcb_info.levels[0].status = "OutOfDate";
    EXPECT_EQ(attested(judged(quote, outdated))->status, QuoteStatus::out_of_date);
    IntelBuilder revoked = IntelBuilder::sgx();
    revoked.pck_crl.revoked = {revoked.pki.pck.serial};
    EXPECT_EQ(refusal(judged(quote, revoked)), "intel.certificate_revoked");
  }
}

TEST(VerifyQuote, ComparesTheRunningModuleOfTheExtendedBodyToo) {
  IntelBuilder built = IntelBuilder::tdx();
  LevelText old;
  old.isvsvn = 2;
  old.status = "OutOfDate";
  built.tcb_info.modules[0].levels.push_back(old);
  QuoteBuilder quote = QuoteBuilder::tdx_v5_15_extended();
  quote.with_tee_tcb_svn(ByteVec{2, 1, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  const auto outcome = judged(quote, built);
  EXPECT_EQ(attested(outcome)->status, QuoteStatus::td_relaunch_advised);
  EXPECT_EQ(attested(outcome)->current.status, TcbStatus::up_to_date);
}

}  // namespace
}  // namespace trustee::intel

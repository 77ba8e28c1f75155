#include <gtest/gtest.h>

#include "serve/hardware_guest.h"
#include "tests/support/fake_pcs.h"
#include "tests/support/intel_builder.h"

// TDX guests under a hierarchy of our own, served while Intel's service works and while it does
// not.

namespace trustee::serve {
namespace {

using How = FakeAnswer::How;

TestbedOptions with_pcs(const FakeKds& pcs, const IntelBuilder& intel) {
  TestbedOptions out;
  out.trust = tee::Trust{std::move(amd::RootSet::built_in()).value(), {}, false, intel.root()};
  out.attestation_service.verifiers.dcap.collateral_service = pcs.url() + "/cache/";
  return out;
}

HardwareGuest tdx_guest(Testbed& kbs, const IntelBuilder& intel) {
  kbs.clock.set(kIntelNow);
  return {kbs, "tdx", [&intel](Bytes report_data) {
            const ByteVec quote =
                QuoteBuilder::tdx_v4().with_report_data(report_data).sign(intel.pki);
            return json::Value(
                json::Object{{"quote", codec::base64_encode(quote)}, {"cc_eventlog", nullptr}});
          }};
}

/// The claim of Intel's in the token of an answer.
std::string intel_claim(const net::Response& response, const std::string& name) {
  const json::Value claims = claims_in(response);
  const json::Value* value =
      claims.at_pointer("/submods/cpu0/ear.veraison.annotated-evidence/tdx/" + name);
  return value == nullptr || value->as_string() == nullptr ? "no text: " + json::write(claims)
                                                           : *value->as_string();
}

TEST(TdxCollateral, is_fetched_once_and_then_no_guest_waits_for_the_vendor) {
  const IntelBuilder intel = IntelBuilder::tdx();
  FakeKds pcs(PcsScript(intel.documents(), "/cache"));
  Testbed kbs(with_pcs(pcs, intel));
  HardwareGuest guest = tdx_guest(kbs, intel);
  const auto first = guest.attest();
  ASSERT_EQ(first.status, 200) << kbs.log.text();
  EXPECT_EQ(intel_claim(first, "tcb_status"), "UpToDate");
  EXPECT_EQ(intel_claim(first, "collateral_expiration_status"), "0");
  EXPECT_EQ(pcs.requests().size(), 4U);
  EXPECT_EQ(guest.attest().status, 200);
  EXPECT_EQ(pcs.requests().size(), 4U);
}

TEST(TdxCollateral, in_every_kind_of_outage_no_guest_fails_and_expiry_is_a_claim) {
  const FakeAnswer outages[] = {{How::complete, 429, {}, "Retry-After: 3600\r\n"},
                                {How::complete, 500, {}, {}},
                                {How::complete, 404, {}, {}},
                                {How::complete, 200, to_vec(as_bytes("<html>busy</html>")), {}},
                                {How::truncated, 200, ByteVec(1000, '{'), {}},
                                {How::garbage, 200, {}, {}},
                                {How::closes, 200, {}, {}}};
  const IntelBuilder intel = IntelBuilder::tdx();
  for (const FakeAnswer& outage : outages) {
    const PcsScript script(intel.documents(), "/cache");
    FakeKds pcs(script);
    Testbed kbs(with_pcs(pcs, intel));
    HardwareGuest guest = tdx_guest(kbs, intel);
    ASSERT_EQ(guest.attest().status, 200) << kbs.log.text();
    script.everything_is(outage);
    for (const int days : {2, 20}) {  // the TCB info ends on 1 December
      kbs.clock.set(kIntelNow + std::chrono::hours(24) * days);
      kbs.documents().engine().renew_due();
      const std::size_t asked = pcs.requests().size();
      const auto answer = guest.attest();
      ASSERT_EQ(answer.status, 200) << kbs.log.text();
      EXPECT_EQ(intel_claim(answer, "collateral_expiration_status"), days == 20 ? "1" : "0");
      EXPECT_EQ(pcs.requests().size(), asked);
    }
  }
}

TEST(TdxCollateral, is_not_fetched_for_evidence_whose_own_signatures_do_not_hold) {
  const IntelBuilder intel = IntelBuilder::tdx();
  const IntelBuilder forger = IntelBuilder::tdx();  // another root
  FakeKds pcs(PcsScript(intel.documents(), "/cache"));
  Testbed kbs(with_pcs(pcs, intel));
  HardwareGuest guest = tdx_guest(kbs, forger);
  EXPECT_EQ(guest.attest().status, 401);
  EXPECT_TRUE(pcs.requests().empty());
}

TEST(TdxCollateral, a_revoked_machine_is_refused_whatever_the_dates) {
  IntelBuilder intel = IntelBuilder::tdx();
  intel.pck_crl.revoked.push_back(intel.pki.pck.serial);
  FakeKds pcs(PcsScript(intel.documents(), "/cache"));
  Testbed kbs(with_pcs(pcs, intel));
  HardwareGuest guest = tdx_guest(kbs, intel);
  const auto answer = guest.attest();
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(header_of(answer, "trustee-code"), "intel.certificate_revoked");
}

}  // namespace
}  // namespace trustee::serve

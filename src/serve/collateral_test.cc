#include <gtest/gtest.h>

#include <memory>
#include <mutex>

#include "amd/amd_test_data.h"
#include "serve/hardware_guest.h"
#include "tests/support/fake_kds.h"
#include "tests/support/snp_builder.h"

// Evidence of AMD machines served by the attestation service, with the vendor's server a fake one.

namespace trustee::serve {
namespace {

const Time kToday = from_unix_seconds(1795500000);  // 2026-11-24

/// A key broker whose vendor is a fake service with AMD's test hierarchy.
TestbedOptions with_kds(const FakeKds& kds, std::optional<bool> check_revocation = {}) {
  TestbedOptions out;
  out.trust = tee::Trust{amd::test_roots(), {}, false};
  config::Verifiers& verifiers = out.attestation_service.verifiers;
  verifiers.vcek_sources[0].base_url = kds.url();
  verifiers.snp_check_revocation = check_revocation;
  return out;
}

/// AMD's service with one VCEK and one revocation list of Genoa, until told otherwise.
class AmdScript {
 public:
  explicit AmdScript(std::string crl) : state_(std::make_shared<State>(std::move(crl))) {}
  FakeAnswer operator()(const std::string& target) const {
    const std::lock_guard lock(state_->mutex);
    if (state_->outage.has_value()) return *state_->outage;
    const bool list = target.ends_with("/crl");
    return {.how = FakeAnswer::How::complete,
            .status = 200,
            .body = file_bytes(amd::pki(list ? state_->crl : "vcek-genoa.der"))};
  }
  void everything_is(const FakeAnswer& answer) const {
    const std::lock_guard lock(state_->mutex);
    state_->outage = answer;
  }

 private:
  struct State {
    explicit State(std::string c) : crl(std::move(c)) {}
    const std::string crl;
    std::mutex mutex;
    std::optional<FakeAnswer> outage;
  };
  std::shared_ptr<State> state_;
};

/// A machine with an AMD processor of the test hierarchy; its evidence comes without a chain.
HardwareGuest snp_guest(Testbed& kbs) {
  kbs.clock.set(kToday);
  return {kbs, "snp", [](Bytes report_data) {
            const ByteVec report =
                SnpBuilder::genoa_v3().with_report_data(report_data).sign(snp_test_key());
            return json::parse(snp_raw_evidence(report, "", {})).value();
          }};
}

const json::Value* snp_claim(const json::Value& claims, std::string_view name) {
  return claims.at_pointer("/submods/cpu0/ear.veraison.annotated-evidence/snp/" +
                           std::string(name));
}

TEST(Collateral, the_endorsement_key_of_evidence_without_a_chain_is_fetched_once) {
  FakeKds kds(AmdScript("crl-genoa-clean.der"));
  Testbed kbs(with_kds(kds));
  HardwareGuest guest = snp_guest(kbs);
  const auto first = guest.attest();
  ASSERT_EQ(first.status, 200) << kbs.log.text();
  EXPECT_EQ(guest.attest().status, 200);
  ASSERT_EQ(kds.requests().size(), 1U);
  EXPECT_TRUE(kds.requests()[0].starts_with("/vcek/v1/Genoa/")) << kds.requests()[0];
  EXPECT_EQ(snp_claim(claims_in(first), "endorsement_revocation_checked"), nullptr)
      << "nobody asked for the claim";
}

TEST(Collateral, required_revocation_fetches_the_list_and_the_claims_say_so) {
  FakeKds kds(AmdScript("crl-genoa-clean.der"));
  Testbed kbs(with_kds(kds, true));
  HardwareGuest guest = snp_guest(kbs);
  const auto answer = guest.attest();
  ASSERT_EQ(answer.status, 200) << kbs.log.text();
  const json::Value claims = claims_in(answer);
  ASSERT_NE(snp_claim(claims, "endorsement_revocation_checked"), nullptr) << json::write(claims);
  EXPECT_EQ(*snp_claim(claims, "endorsement_revocation_checked"), json::Value(true));
  ASSERT_EQ(kds.requests().size(), 2U);
  EXPECT_EQ(kds.requests()[1], "/vcek/v1/Genoa/crl");
}

TEST(Collateral, required_revocation_refuses_a_revoked_key) {
  FakeKds kds(AmdScript("crl-genoa-revoked.der"));
  Testbed kbs(with_kds(kds, true));
  HardwareGuest guest = snp_guest(kbs);
  const auto answer = guest.attest();
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(header_of(answer, "trustee-code"), "amd.vek_revoked") << kbs.log.text();
}

TEST(Collateral, a_list_that_cannot_be_had_is_a_refusal_of_its_own_and_never_success) {
  FakeKds kds(AmdScript("crl-genoa-expired.der"));
  Testbed kbs(with_kds(kds, true));
  HardwareGuest guest = snp_guest(kbs);
  const auto answer = guest.attest();
  EXPECT_NE(answer.status, 200);
  EXPECT_EQ(header_of(answer, "trustee-code"), "fetch.crl_unavailable") << kbs.log.text();
  EXPECT_EQ(header_of(answer, "trustee-actor"), "vendor");
}

TEST(Collateral, revocation_that_is_not_asked_for_is_not_checked_and_the_claims_say_so) {
  FakeKds kds(AmdScript("crl-genoa-revoked.der"));
  Testbed kbs(with_kds(kds, false));
  HardwareGuest guest = snp_guest(kbs);
  const auto answer = guest.attest();
  ASSERT_EQ(answer.status, 200) << kbs.log.text();
  EXPECT_EQ(*snp_claim(claims_in(answer), "endorsement_revocation_checked"), json::Value(false));
  EXPECT_EQ(kds.requests().size(), 1U);
}

TEST(Collateral, keys_outlive_the_process_in_the_store_that_is_configured) {
  FakeKds kds(AmdScript("crl-genoa-clean.der"));
  const auto store = kv::create_memory_store();
  TestbedOptions options = with_kds(kds);
  options.collateral = store->open("vendor_collateral").value();
  for (int process = 0; process < 2; ++process) {
    Testbed kbs(options);
    EXPECT_EQ(snp_guest(kbs).attest().status, 200) << kbs.log.text();
  }
  EXPECT_EQ(kds.requests().size(), 1U);
}

TEST(Collateral, in_every_kind_of_outage_no_guest_fails_and_no_request_asks_the_vendor) {
  using How = FakeAnswer::How;
  const FakeAnswer outages[] = {
      {How::complete, 429, {}, "Retry-After: 3600\r\n"},
      {How::complete, 500, {}, {}},
      {How::complete, 200, to_vec(as_bytes("<html>busy</html>")), {}},
      {How::complete, 200, file_bytes(amd::pki("crl-genoa-expired.der")), {}},
      {How::complete, 404, {}, {}},
      {How::truncated, 200, ByteVec(1000, 1), {}},
      {How::garbage, 200, {}, {}},
      {How::closes, 200, {}, {}}};
  for (const FakeAnswer& outage : outages) {
    const AmdScript script("crl-genoa-clean.der");
    FakeKds service(script);
    Testbed kbs(with_kds(service, true));
    HardwareGuest guest = snp_guest(kbs);
    ASSERT_EQ(guest.attest().status, 200) << kbs.log.text();
    script.everything_is(outage);
    kbs.clock.advance(std::chrono::hours(25));  // the list has come due
    kbs.documents().engine().renew_due();
    const std::size_t asked = service.requests().size();
    EXPECT_GT(asked, 2U) << "the background tries";
    const auto answer = guest.attest();
    EXPECT_EQ(answer.status, 200) << kbs.log.text();
    EXPECT_EQ(*snp_claim(claims_in(answer), "endorsement_revocation_checked"), json::Value(true));
    EXPECT_EQ(service.requests().size(), asked);
  }
}

TEST(Collateral, a_guest_whose_key_cannot_be_asked_for_yet_is_told_to_come_again) {
  FakeKds kds(AmdScript("crl-genoa-clean.der"));
  TestbedOptions options = with_kds(kds, true);
  options.attestation_service.verifiers.vcek_sources[0].request_interval = 3600;
  Testbed kbs(options);
  HardwareGuest guest = snp_guest(kbs);
  const auto answer = guest.attest();  // the key has come, the list's turn is in an hour
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(header_of(answer, "trustee-code"), "fetch.overloaded");
  EXPECT_EQ(header_of(answer, "retry-after"), "10");
  EXPECT_EQ(kds.requests().size(), 1U);
}

}  // namespace
}  // namespace trustee::serve

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "kbs/attempts.h"
#include "kbs/attestation.h"
#include "kbs/auth.h"
#include "kbs/errors.h"
#include "kbs/problem.h"
#include "rcar/messages.h"

namespace trustee::kbs {
namespace {

constexpr Time kNow = Time(std::chrono::seconds(1'795'000'000));

Result<IssuedChallenge> auth(std::string_view body) {
  static const auto kKeys = authz::CookieKeyRing::ephemeral();
  return issue_challenge(body, kKeys, std::chrono::minutes(5), kNow);
}

std::string failure(std::string_view body) {
  const auto challenge = auth(body);
  EXPECT_FALSE(challenge.ok()) << body;
  return challenge.ok() ? "" : auth_failure_text(challenge.error());
}

TEST(Auth, gives_a_fresh_nonce_in_body_and_cookie) {
  const auto a = auth(R"({"version":"0.4.0","tee":"snp","extra-params":{}})");
  ASSERT_TRUE(a.ok());
  const auto challenge = rcar::parse_challenge(a->body);
  ASSERT_TRUE(challenge.ok());
  EXPECT_EQ(challenge->nonce.size(), 44U);
  EXPECT_EQ(a->expires, kNow + std::chrono::minutes(5));
  EXPECT_NE(auth(R"({"version":"0.4.0","tee":"snp","extra-params":{}})")->body, a->body);
}

TEST(Auth, refusals_have_the_words_of_the_wire) {
  EXPECT_EQ(failure("{"), "deserialize Request");
  EXPECT_EQ(failure(R"({"version":"0.4.0","tee":"sev","extra-params":{}})"), "deserialize Request");
  EXPECT_EQ(failure(R"({"version":"0.4","tee":"snp","extra-params":{}})"),
            "failed to parse KBS version");
  EXPECT_EQ(failure(R"({"version":"0.4.1","tee":"snp","extra-params":{}})"),
            "KBS Client Protocol Version Mismatch: expect =0.4.0 while the request is 0.4.1");
  EXPECT_EQ(failure(R"({"version":"0.4.0","tee":"se","extra-params":{}})"),
            "Attestation Service generate challenge failed");
}

TEST(Auth, reads_a_request_of_64_KiB_and_not_one_byte_more) {
  std::string request = R"({"version":"0.4.0","tee":"snp","extra-params":{}})";
  request.resize(rcar::kMaxSmallMessage, ' ');
  EXPECT_TRUE(auth(request).ok());
  EXPECT_EQ(failure(request + ' '), "deserialize Request");
}

constexpr std::string_view kBody = R"({"init-data":null,"runtime-data":{"nonce":"n",
  "tee-pubkey":{"kty":"EC","crv":"P-256","alg":"ECDH-ES+A256KW","x":"eA","y":"eQ"}},
  "tee-evidence":{"primary_evidence":{"svn":"1"},"additional_evidence":"ADDITIONAL"}})";

std::string body_with(std::string_view additional) {
  std::string out(kBody);
  out.replace(out.find("ADDITIONAL"), 10, additional);
  return out;
}

Code item_error(std::string_view body, std::string nonce = "n") {
  const auto items = evidence_items(body, {std::move(nonce), "sample", "0.4.0", kNow});
  EXPECT_FALSE(items.ok());
  return items.ok() ? Code(Errc::overloaded) : items.error().code();
}

TEST(EvidenceItems, binds_the_primary_to_everything_and_devices_to_key_and_nonce) {
  const auto items = evidence_items(body_with(R"({\"sampledevice\":{\"svn\":\"2\"}})"),
                                    {"n", "sample", "0.4.0", kNow});
  ASSERT_TRUE(items.ok()) << items.error().to_string();
  ASSERT_EQ(items->size(), 2U);
  EXPECT_EQ((*items)[0].tee, rcar::Tee::sample);
  EXPECT_EQ((*items)[0].runtime_data.as_object()->size(), 3U);
  EXPECT_EQ((*items)[1].tee, rcar::Tee::sample_device);
  EXPECT_EQ((*items)[1].runtime_data.as_object()->size(), 2U);
  EXPECT_FALSE((*items)[0].init_data.has_value());
}

TEST(EvidenceItems, each_refusal_has_its_code) {
  EXPECT_EQ(item_error("{"), Code(Errc::attestation_malformed));
  EXPECT_EQ(item_error(body_with(""), "other"), Code(Errc::nonce_mismatch));
  EXPECT_EQ(item_error(body_with("not json")), Code(Errc::additional_evidence_malformed));
  EXPECT_EQ(item_error(body_with(R"({\"foo\":{}})")), Code(Errc::additional_evidence_malformed));
  std::string json_init = body_with("");
  json_init.replace(json_init.find("null"), 4, R"({"format":"json","body":"{}"})");
  EXPECT_EQ(item_error(json_init), Code(Errc::init_data_format));
}

TEST(AttemptLedger, bounds_attempts_per_challenge_and_forgets_the_oldest) {
  AttemptLedger ledger(2);
  const ByteArray<24> a{1};
  const ByteArray<24> b{2};
  const ByteArray<24> c{3};
  for (std::uint32_t i = 0; i < AttemptLedger::kMaxAttempts; ++i) {
    EXPECT_TRUE(ledger.begin(a));
  }
  EXPECT_FALSE(ledger.begin(a));
  EXPECT_TRUE(ledger.begin(b));
  EXPECT_TRUE(ledger.begin(c));
  EXPECT_EQ(ledger.size(), 2U);
  EXPECT_TRUE(ledger.begin(a)) << "forgotten";
}

TEST(AttemptLedger, an_attempt_that_did_not_fail_is_taken_back_and_keeps_no_room) {
  AttemptLedger ledger(2);
  const ByteArray<24> a{1};
  for (std::uint32_t i = 0; i < AttemptLedger::kMaxAttempts; ++i) {
    EXPECT_TRUE(ledger.begin(a));
  }
  ledger.take_back(a);
  EXPECT_TRUE(ledger.begin(a));
  EXPECT_FALSE(ledger.begin(a));
  for (std::uint32_t i = 0; i < AttemptLedger::kMaxAttempts; ++i) {
    ledger.take_back(a);
  }
  EXPECT_EQ(ledger.size(), 0U);
  ledger.take_back(a);
  EXPECT_TRUE(ledger.begin(a));
}

TEST(AttemptLedger, threads_together_do_not_exceed_the_limit) {
  AttemptLedger ledger;
  const ByteArray<24> a{1};
  std::atomic<std::uint32_t> begun = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (std::uint32_t n = 0; n < AttemptLedger::kMaxAttempts; ++n) {
        if (ledger.begin(a)) begun.fetch_add(1);
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(begun.load(), AttemptLedger::kMaxAttempts);
}

TEST(Problem, has_two_members_and_the_status_of_its_name) {
  const auto denied = policy_denied(Error(Errc::overloaded));
  EXPECT_EQ(denied.status(), 401);
  EXPECT_EQ(
      denied.body(),
      R"({"type":"https://github.com/confidential-containers/kbs/errors/PolicyDeny","detail":"Access denied by policy"})");
  const auto unknown = plugin_not_found("a\"b");
  EXPECT_EQ(unknown.status(), 404);
  EXPECT_EQ(
      unknown.body(),
      R"({"type":"https://github.com/confidential-containers/kbs/errors/PluginNotFound","detail":"Plugin a\"b not found"})");
}

}  // namespace
}  // namespace trustee::kbs

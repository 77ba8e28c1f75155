#include "serve/app.h"

#include <thread>
#include <vector>

#include "crypto/random.h"
#include "serve/testbed.h"
#include "tests/support/case.h"
#include "tests/support/secret_access.h"
#include "tests/support/test_certificates.h"

namespace trustee::serve {
namespace {

using std::chrono::minutes;

std::string text_of(const SecretBytes& secret) {
  return std::string(as_text(secret.reveal(SecretAccessForTest::key())));
}
std::string detail(const net::Response& response) {
  const auto error = rcar::parse_error_information(body_of(response));
  return error.ok() ? error->detail : "no error body: " + body_of(response);
}
std::string upload_of(std::string_view policy) {
  return R"({"policy":")" + codec::base64url_encode(as_bytes(policy)) + "\"}";
}

constexpr std::string_view kDenyAll = "package policy\ndefault allow := false\n";

TEST(App, a_guest_attests_and_gets_a_resource_for_its_eyes_only) {
  Testbed kbs;
  ASSERT_EQ(kbs.ask("POST", "/kbs/v0/resource/a/b/c", "shhhhhhh").status, 200);
  TestGuest guest(kbs);
  ASSERT_EQ(guest.auth().status, 200);
  const auto attested = guest.attest();
  ASSERT_EQ(attested.status, 200) << kbs.log.text();
  const auto answer = guest.get("a/b/c");
  ASSERT_EQ(answer.status, 200) << kbs.log.text();
  EXPECT_EQ(header_of(answer, "content-type"), "application/json");
  const auto secret = guest.open(answer);
  ASSERT_TRUE(secret.ok()) << secret.error().to_string();
  EXPECT_EQ(text_of(*secret), "shhhhhhh");
  EXPECT_FALSE(kbs.log.contains(*guest.cookie));
  EXPECT_FALSE(kbs.log.contains("shhhhhhh"));
}

TEST(App, keeps_nothing_for_a_challenge) {
  Testbed kbs;
  TestGuest guest(kbs);
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(guest.auth().status, 200);
  }
  EXPECT_TRUE(kbs.namespaces.sessions->list().value().empty());
}

TEST(App, attest_needs_a_session_and_the_nonce_of_its_challenge) {
  Testbed kbs;
  TestGuest guest(kbs);
  EXPECT_EQ(code_of(guest.attest()), "kbs.session_missing");
  guest.cookie = "junk";
  EXPECT_EQ(code_of(guest.attest()), "authz.cookie_malformed");
  guest.auth();
  const std::string nonce = guest.nonce;
  guest.nonce = "b3RoZXI=";
  const auto wrong = guest.attest();
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(code_of(wrong), "kbs.nonce_mismatch");
  EXPECT_EQ(detail(wrong), "Attestation error: RCAR handshake Attest failed");
  guest.nonce = nonce;
  EXPECT_EQ(guest.attest().status, 200);
}

TEST(App, a_challenge_ends_with_its_session) {
  Testbed kbs;
  TestGuest guest(kbs);
  guest.auth();
  kbs.clock.advance(minutes(5) + std::chrono::seconds(1));
  EXPECT_EQ(code_of(guest.attest()), "authz.session_expired");
}

TEST(App, no_query_reaches_the_log) {
  Testbed kbs;
  const auto key = std::move(crypto::PrivateKey::generate_ed25519()).value();
  authz::IdentityProvider provider;
  provider.pem_keys.push_back(key.public_key());
  std::vector<authz::IdentityProvider> providers;
  providers.push_back(std::move(provider));
  auto admin = authz::AdminAuthority::authenticated(std::move(providers),
                                                    {{"admin", "^/kbs/v0/other$", {}}});
  kbs.worlds.change([&](world::World& w) {
    w.admin = std::make_shared<const authz::AdminAuthority>(std::move(*admin));
  });
  const auto signer =
      jose::Signer::create(key, crypto::SignatureScheme::eddsa, R"({"alg":"EdDSA"})");
  const std::string token = *signer->sign(as_bytes(R"({"role":"admin","exp":1795000600})"));
  const auto answer = kbs.ask("POST", "/kbs/v0/resource/a/b/c?pin=hush&x", "v", {}, token);
  EXPECT_EQ(code_of(answer), "authz.admin_role_not_allowed");
  EXPECT_NE(detail(answer).find("/kbs/v0/resource/a/b/c?pin=hush&x"), std::string::npos)
      << "who asked may see what it asked for";
  EXPECT_TRUE(kbs.log.contains("/kbs/v0/resource/a/b/c?...")) << kbs.log.text();
  EXPECT_FALSE(kbs.log.contains("hush"));
}

TEST(App, attesting_again_in_an_attested_session_gives_the_same_token) {
  Testbed kbs;
  TestGuest guest(kbs);
  guest.auth();
  const auto first = guest.attest();
  guest.nonce = "b3RoZXI=";  // not looked at any more
  const auto second = guest.attest();
  ASSERT_EQ(second.status, 200);
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(header_of(second, "set-cookie"), header_of(first, "set-cookie"));
  const auto junk = kbs.ask("POST", "/kbs/v0/attest", "junk", guest.cookie);
  EXPECT_EQ(code_of(junk), "kbs.attestation_malformed");
}

// Weakness W10 of the released system: an expired token is handed out for the session's lifetime.
TEST(App, an_attested_session_is_as_good_as_its_token) {
  Testbed kbs({.token_minutes = 5, .session_lifetime = minutes(30)});
  TestGuest guest(kbs);
  guest.auth();
  ASSERT_EQ(guest.attest().status, 200);
  kbs.clock.advance(minutes(6));
  EXPECT_EQ(guest.attest().status, 200) << "within the leeway";
  kbs.clock.advance(std::chrono::seconds(1));
  const auto late = guest.attest();
  EXPECT_EQ(late.status, 401);
  EXPECT_EQ(code_of(late), "kbs.token_expired");
  EXPECT_EQ(header_of(late, "set-cookie"), "");
  EXPECT_EQ(code_of(guest.get("a/b/c")), "authz.token_untrusted");
}

TEST(App, a_session_ends_before_its_token_does) {
  Testbed kbs({.token_minutes = 30, .session_lifetime = minutes(5)});
  kbs.ask("POST", "/kbs/v0/resource/a/b/c", "x");
  TestGuest guest(kbs);
  guest.auth();
  guest.attest();
  ASSERT_EQ(guest.get("a/b/c").status, 200);
  kbs.clock.advance(minutes(5) + std::chrono::seconds(1));
  const auto late = guest.get("a/b/c");
  EXPECT_EQ(code_of(late), "authz.token_missing");
  EXPECT_TRUE(kbs.log.contains("session_expired")) << "the log knows why";
}

TEST(App, a_token_too_large_for_a_cookie_is_stored_and_found) {
  ScriptedEvaluator evaluator;
  const std::string noise = codec::base64_encode(crypto::random_vec(9000));
  evaluator.token = header_key_token(R"({"exp":1795000100,"noise":")" + noise + "\"}");
  Testbed kbs({.evaluator = &evaluator});
  TestGuest guest(kbs);
  guest.auth();
  const auto first = guest.attest();
  ASSERT_EQ(first.status, 200) << kbs.log.text();
  EXPECT_LT(guest.cookie->size(), 300U);
  EXPECT_EQ(kbs.namespaces.sessions->list().value().size(), 1U);
  EXPECT_EQ(guest.attest().body, first.body);
  EXPECT_EQ(evaluator.asked, 1);
  // The token names no TEE key, which is found out after it was believed and the resource was read.
  kbs.ask("POST", "/kbs/v0/resource/a/b/c", "x");
  EXPECT_EQ(code_of(guest.get("a/b/c")), "authz.tee_key_missing");
}

TEST(App, a_token_that_nobody_could_read_back_is_refused_and_not_stored) {
  ScriptedEvaluator evaluator;
  evaluator.token = std::string(authz::CookieKeyRing::kMaxToken + 1, 't');
  Testbed kbs({.evaluator = &evaluator});
  TestGuest guest(kbs);
  guest.auth();
  EXPECT_EQ(code_of(guest.attest()), "authz.token_too_large");
  EXPECT_TRUE(kbs.namespaces.sessions->list().value().empty());
}

TEST(App, a_resource_needs_a_token_and_the_cookie_comes_first) {
  CASE("KBS-K1");
  Testbed kbs;
  const auto none = kbs.ask("GET", "/kbs/v0/resource/a/b/c");
  EXPECT_EQ(none.status, 401);
  EXPECT_EQ(detail(none), "Attestation Token not found");
  net::Request lower;
  lower.method = "GET";
  lower.target = "/kbs/v0/resource/a/b/c";
  lower.headers.add("Authorization", "bearer " + header_key_token(R"({"exp":1795000100})"));
  const auto scheme = net::run_blocking(kbs.app->handle(std::move(lower)));
  EXPECT_EQ(scheme.status, 401);
  EXPECT_EQ(detail(scheme), "Attestation Token not found");
}

TEST(App, the_bearer_is_used_when_the_session_is_not_attested) {
  CASE("KBS-K2");
  Testbed kbs;
  kbs.ask("POST", "/kbs/v0/resource/a/b/c", "x");
  TestGuest guest(kbs);
  guest.auth();
  const std::string token = header_key_token(R"({"exp":1795000100})");
  const auto answer = kbs.ask("GET", "/kbs/v0/resource/a/b/c", {}, guest.cookie, token);
  EXPECT_EQ(code_of(answer), "authz.tee_key_missing") << "the bearer was believed";
}

TEST(App, trust_that_was_withdrawn_is_withdrawn_from_sessions_seen_before) {
  Testbed kbs;
  kbs.ask("POST", "/kbs/v0/resource/a/b/c", "x");
  TestGuest guest(kbs);
  guest.auth();
  guest.attest();
  ASSERT_EQ(guest.get("a/b/c").status, 200);
  authz::TokenTrustParts parts;
  parts.own_keys.push_back(
      std::move(crypto::PrivateKey::generate_ec(crypto::Curve::p256)).value().public_key());
  auto trust = std::make_shared<const authz::TokenTrust>(
      std::move(authz::TokenTrust::create(std::move(parts))).value());
  kbs.worlds.change([&](world::World& w) { w.token_trust = trust; });
  EXPECT_EQ(code_of(guest.get("a/b/c")), "authz.token_untrusted");
}

TEST(App, a_token_is_believed_little_longer_than_its_certificate) {
  TestAuthority authority;
  authority.issue("as");
  const auto leaf =
      crypto::Certificate::bundle_from_pem(text_of_file(authority.certificate_file("as")))->at(0);
  const auto key =
      crypto::PrivateKey::from_pem(SecretText(text_of_file(authority.key_file("as")))).value();
  auto jwk = jose::jwk_for_signatures(key.public_key(), crypto::SignatureScheme::es256).value();
  jwk.x5c = {codec::base64_encode(leaf.der())};
  const auto signer =
      jose::Signer::create(key, crypto::SignatureScheme::es256, jose::header_with_jwk(jwk).value());
  const auto exp = std::to_string(unix_seconds(leaf.not_after()) + 3600);
  const std::string token = signer->sign(as_bytes("{\"exp\":" + exp + "}")).value();
  authz::TokenTrustParts parts;
  parts.trusted_certificates = crypto::Certificate::bundle_from_pem(authority.root_pem()).value();
  auto trust = std::make_shared<const authz::TokenTrust>(
      std::move(authz::TokenTrust::create(std::move(parts))).value());
  Testbed kbs;
  kbs.ask("POST", "/kbs/v0/resource/a/b/c", "x");
  kbs.worlds.change([&](world::World& w) { w.token_trust = trust; });
  const auto get = [&] { return code_of(kbs.ask("GET", "/kbs/v0/resource/a/b/c", {}, {}, token)); };
  kbs.clock.set(leaf.not_after() - minutes(1));
  EXPECT_EQ(get(), "authz.tee_key_missing") << "the token was believed";
  kbs.clock.advance(minutes(6));
  EXPECT_EQ(get(), "authz.token_untrusted");
}

TEST(App, a_policy_counts_from_its_answer_on_and_one_of_others_from_the_next_look) {
  Testbed kbs;
  kbs.ask("POST", "/kbs/v0/resource/a/b/c", "x");
  TestGuest guest(kbs);
  guest.auth();
  guest.attest();
  ASSERT_EQ(guest.get("a/b/c").status, 200);
  ASSERT_EQ(kbs.ask("POST", "/kbs/v0/resource-policy", upload_of(kDenyAll)).status, 200);
  const auto denied = guest.get("a/b/c");
  EXPECT_EQ(denied.status, 401);
  EXPECT_EQ(detail(denied), "Access denied by policy");
  const auto allow = Testbed::shipped("resource_allow_all");
  ASSERT_TRUE(
      kbs.namespaces.policies->put("resource-policy.rego", as_bytes(allow), kv::Overwrite::yes)
          .ok());
  EXPECT_EQ(guest.get("a/b/c").status, 401) << "a request asks no store what is in force";
  kbs.keeper.look();
  EXPECT_EQ(guest.get("a/b/c").status, 200);
}

TEST(App, without_room_to_read_a_secret_nothing_is_released) {
  Testbed kbs({.blocking = true});
  kbs.ask("POST", "/kbs/v0/resource/a/b/c", "x");
  TestGuest guest(kbs);
  guest.auth();
  guest.attest();
  ASSERT_EQ(guest.get("a/b/c").status, 200) << kbs.log.text();
  kbs.io->stop();
  const auto answer = guest.get("a/b/c");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(code_of(answer), "net.pool_stopped");
}

TEST(App, a_policy_that_was_never_usable_denies_and_is_not_ready) {
  auto store = kv::create_memory_store();
  auto policies = store->open("kbs").value();
  ASSERT_TRUE(policies->put("resource-policy.rego", as_bytes("hidden {"), kv::Overwrite::yes).ok());
  Testbed kbs({.store = store});
  kbs.ask("POST", "/kbs/v0/resource/a/b/c", "x");
  const auto ready = kbs.ask("GET", "/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(body_of(ready), "the stored resource policy is not usable\n");
  EXPECT_EQ(kbs.ask("GET", "/livez").status, 200);
  TestGuest guest(kbs);
  guest.auth();
  guest.attest();
  EXPECT_EQ(code_of(guest.get("a/b/c")), "authz.policy_missing");
  ASSERT_EQ(
      kbs.ask("POST", "/kbs/v0/resource-policy", upload_of(Testbed::shipped("resource_allow_all")))
          .status,
      200);
  EXPECT_EQ(kbs.ask("GET", "/readyz").status, 200);
  EXPECT_EQ(guest.get("a/b/c").status, 200);
}

TEST(App, administrators_are_asked_for_before_the_body_is_looked_at) {
  Testbed kbs;
  kbs.worlds.change([](world::World& w) {
    w.admin = std::make_shared<const authz::AdminAuthority>(authz::AdminAuthority::deny_all());
  });
  const std::pair<const char*, const char*> calls[] = {
      {"POST", "/kbs/v0/resource-policy"},         {"GET", "/kbs/v0/resource-policy"},
      {"POST", "/kbs/v0/attestation-policy"},      {"POST", "/kbs/v0/reference-value"},
      {"GET", "/kbs/v0/reference-value/x"},        {"POST", "/kbs/v0/resource/a/b/c"},
      {"DELETE", "/kbs/v0/resource/a/b/c"},        {"GET", "/kbs/v0/sample/x"},
      {"GET", "/kbs/admin/v1/generation"},         {"GET", "/kbs/admin/v1/explain/x"},
      {"POST", "http://h/kbs/v0/resource-policy"}, {"POST", "/kbs/v0/%72esource-policy/x?y"}};
  for (const auto& [method, target] : calls) {
    const auto answer = kbs.ask(method, target, "junk");
    EXPECT_EQ(answer.status, 401) << method << ' ' << target;
    EXPECT_EQ(code_of(answer), "authz.admin_denied") << method << ' ' << target;
  }
}

TEST(App, a_decision_that_nobody_remembers_is_refused_with_a_code) {
  Testbed kbs;
  const auto answer = kbs.ask("GET", "/kbs/admin/v1/explain/00000000000000000000000000000000");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(code_of(answer), "kbs.decision_unknown");
  EXPECT_EQ(header_of(answer, "trustee-actor"), "administrator");
}

TEST(App, an_upload_that_is_not_utf8_is_refused_at_once_and_says_where) {
  Testbed kbs;
  std::string policy(1'000'000, 'a');
  policy += "\xc3\xa4\xff";
  const auto answer = kbs.ask("POST", "/kbs/v0/resource-policy", upload_of(policy));
  EXPECT_EQ(detail(answer),
            "Failed to parse policy: Failed to decode policy: invalid utf-8 sequence of 1 bytes "
            "from index 1000002");
}

TEST(App, eight_guests_at_once_each_get_their_secret_while_the_policy_changes) {
  Testbed kbs;
  ASSERT_EQ(kbs.ask("POST", "/kbs/v0/resource/a/b/c", "shhhhhhh").status, 200);
  std::atomic<int> released{0};
  std::vector<std::thread> guests;
  for (int i = 0; i < 8; ++i) {
    guests.emplace_back([&] {
      for (int round = 0; round < 5; ++round) {
        TestGuest guest(kbs);
        guest.auth();
        guest.attest();
        const auto answer = guest.get("a/b/c");
        const auto secret = guest.open(answer);
        if (secret.ok() && text_of(*secret) == "shhhhhhh") released += 1;
      }
    });
  }
  const std::string upload = upload_of(Testbed::shipped("resource_allow_all"));
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(kbs.ask("POST", "/kbs/v0/resource-policy", upload).status, 200);
  }
  for (auto& guest : guests) {
    guest.join();
  }
  EXPECT_EQ(released.load(), 40) << kbs.log.text();
}

}  // namespace
}  // namespace trustee::serve

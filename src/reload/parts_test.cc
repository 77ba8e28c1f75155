#include "reload/parts.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "amd/roots.h"
#include "appraise/errors.h"
#include "codec/pem.h"
#include "reload/material.h"
#include "tests/support/file_bytes.h"
#include "tests/support/kubelet_volume.h"
#include "tests/support/secret_access.h"
#include "tests/support/temp_dir.h"

namespace trustee::reload {
namespace {

using std::chrono::seconds;

const Time kNow = from_unix_seconds(1'790'000'000);

std::string pem_of(const crypto::PrivateKey& key) {
  return std::string(key.to_pem().reveal(SecretAccessForTest::key()));
}

/// A world and the watch that keeps it in step.
class Parts : public ::testing::Test {
 protected:
  static crypto::PrivateKey fresh() {
    return crypto::PrivateKey::generate_ec(crypto::Curve::p256).value();
  }
  std::shared_ptr<const world::World> now() const { return worlds_.current(); }

  TempDir dir_;
  world::Worlds worlds_{world::World{}};
  std::unique_ptr<net::HttpClient> client_ = std::move(net::HttpClient::create({})).value();
  std::vector<std::string> notices_;
  Watch watch_{*client_,
               [this](Watch::Outcome, std::string text) { notices_.push_back(std::move(text)); }};
};

/// A world whose tokens are signed with the key in a file, and believed for that.
class Signing : public Parts {
 protected:
  Signing() {
    write(key_a_);
    broker_.signer.emplace();
    broker_.signer->key_path = path_;
  }
  void start(bool trusts_own = true) {
    ASSERT_TRUE(watch_.start(token_signing_key(broker_, trusts_own, worlds_), kNow).ok());
    config::AttestationToken config;
    config.trust_builtin_as = trusts_own;
    if (!trusts_own) config.trusted_certs_paths = {"src/appraise/testdata/signer.pem"};
    ASSERT_TRUE(watch_.start(token_trust(config, worlds_, watch_.texts()), kNow).ok());
  }
  void write(const crypto::PrivateKey& key) { write(pem_of(key)); }
  /// Puts a new file in the place of the old one, as tools that renew keys do.
  void write(const std::string& text) {
    const std::string next = path_ + ".next";
    std::ofstream(next, std::ios::binary) << text;
    std::filesystem::rename(next, path_);
  }
  std::string token(std::int64_t expires) {
    return now()->signers->current().sign("{\"exp\":" + std::to_string(expires) + "}").value();
  }
  bool believed(const std::string& token, Time at) {
    return now()->token_trust->check(token, at).ok();
  }
  bool signs_with(const crypto::PrivateKey& key) {
    return *now()->signers->current().jwk().key == key.public_key();
  }
  std::size_t published(Time at) {
    const json::Value set = now()->signers->jwks(at);
    return set.at_pointer("/keys")->as_array()->size();
  }

  const std::string path_ = dir_ / "token.key";
  const crypto::PrivateKey key_a_ = fresh();
  const crypto::PrivateKey key_b_ = fresh();
  config::TokenBroker broker_;
};

TEST_F(Signing, a_new_key_signs_and_the_old_one_is_believed_until_its_last_token_has_expired) {
  start();
  const auto generation = now()->generation;
  const std::string old_token = token(1'790'000'300);
  write(key_b_);
  watch_.look(kNow + seconds(1));
  EXPECT_TRUE(signs_with(key_b_));
  EXPECT_EQ(now()->generation, generation + 1);
  EXPECT_EQ(notices_, std::vector<std::string>{"token signing key reloaded"});
  EXPECT_TRUE(believed(old_token, kNow + seconds(300)));
  EXPECT_TRUE(believed(token(1'790'000'301), kNow + seconds(2)));
  // Signed from 1 on: five minutes and the leeway of a minute later nothing of the old key counts.
  watch_.look(kNow + seconds(360));
  EXPECT_EQ(published(kNow + seconds(360)), 2U);
  watch_.look(kNow + seconds(361));
  EXPECT_EQ(published(kNow + seconds(361)), 1U);
  EXPECT_FALSE(believed(old_token, kNow)) << "forgotten, whatever the time";
  EXPECT_TRUE(signs_with(key_b_));
}

TEST_F(Signing, files_without_a_usable_key_are_refused_and_the_old_key_goes_on) {
  start();
  write("no key");
  watch_.look(kNow + seconds(1));
  watch_.look(kNow + seconds(2));
  ASSERT_EQ(notices_.size(), 1U);
  EXPECT_NE(notices_[0].find("the last good one stays in force"), std::string::npos) << notices_[0];
  EXPECT_TRUE(signs_with(key_a_));
  write(key_b_);
  watch_.look(kNow + seconds(3));
  EXPECT_TRUE(signs_with(key_b_));
}

TEST_F(Signing, a_certificate_of_another_key_keeps_the_old_pair_until_both_are_there) {
  broker_.signer->key_path = dir_ / "pair.key";
  broker_.signer->cert_path = dir_ / "pair.pem";
  const auto copy = [&](const char* from, const char* to) {
    std::filesystem::copy_file(std::string("src/appraise/testdata/") + from, dir_ / to);
  };
  copy("signer.key", "pair.key");
  copy("signer.pem", "pair.pem");
  start();
  const auto pair = now()->signers->current().jwk();
  ASSERT_TRUE(pair.x5c.has_value());
  std::filesystem::remove(dir_ / "pair.key");
  std::filesystem::copy_file(path_, dir_ / "pair.key");
  watch_.look(kNow + seconds(1));
  EXPECT_EQ(*now()->signers->current().jwk().key, *pair.key);
  EXPECT_NE(notices_.back().find("appraise.certificate_of_another_key"), std::string::npos);
}

TEST_F(Signing, a_key_that_no_file_names_lives_with_the_process) {
  broker_.signer.reset();
  start();
  const auto key = *now()->signers->current().jwk().key;
  watch_.look(kNow + seconds(1));
  EXPECT_EQ(*now()->signers->current().jwk().key, key);
  EXPECT_TRUE(notices_.empty());
}

TEST_F(Signing, tokens_are_not_believed_for_their_key_where_the_configuration_says_so) {
  start(false);
  write(key_b_);
  watch_.look(kNow + seconds(1));
  EXPECT_TRUE(signs_with(key_b_));
  EXPECT_FALSE(believed(token(1'790'000'300), kNow));
}

TEST_F(Signing, reloaded_trust_still_believes_the_keys_of_this_process) {
  KubeletVolume volume(dir_ / "jwks");
  volume.write({{"set.json", R"({"keys":[]})"}});
  ASSERT_TRUE(watch_.start(token_signing_key(broker_, true, worlds_), kNow).ok());
  config::AttestationToken config;
  config.trust_builtin_as = true;
  config.trusted_jwk_sets = {volume / "set.json"};
  ASSERT_TRUE(watch_.start(token_trust(config, worlds_, watch_.texts()), kNow).ok());
  const std::string old_token = token(1'790'000'300);
  write(key_b_);
  volume.write({{"set.json", R"({"keys":[{"kty":"x"}]})"}});
  watch_.look(kNow + seconds(1));
  EXPECT_EQ(notices_.size(), 2U);
  EXPECT_TRUE(believed(old_token, kNow + seconds(2)));
  EXPECT_TRUE(believed(token(1'790'000'300), kNow + seconds(2)));
}

/// Issuers whose keys stand in a JWK set.
class Trusting : public Parts {
 protected:
  Trusting() {
    auto signer = appraise::TokenSigner::ephemeral().value();
    worlds_.change([&](world::World& w) {
      w.signers = std::make_shared<const appraise::SignerRing>(std::move(signer));
    });
  }
  static std::string set_of(const crypto::PrivateKey& key) {
    json::Object jwk = jose::to_json(
        jose::jwk_for_signatures(key.public_key(), crypto::SignatureScheme::es256).value());
    jwk.set("kid", "k");
    json::Array keys;
    keys.emplace_back(std::move(jwk));
    json::Object set;
    set.set("keys", std::move(keys));
    return json::write(json::Value(std::move(set)));
  }
  bool believes(const crypto::PrivateKey& key) {
    const auto signer = jose::Signer::create(key, crypto::SignatureScheme::es256,
                                             R"({"alg":"ES256","typ":"JWT","kid":"k"})")
                            .value();
    const std::string token = signer.sign(as_bytes(R"({"exp":1790000300})")).value();
    return now()->token_trust->check(token, kNow).ok();
  }
};

TEST_F(Trusting, tokens_are_believed_by_the_set_that_lies_there_now) {
  const auto one = fresh();
  const auto two = fresh();
  const std::string certificate = file_text("src/appraise/testdata/signer.pem");
  KubeletVolume volume(dir_ / "volume");
  volume.write({{"ca.pem", certificate}, {"set.json", set_of(one)}});
  config::AttestationToken config;
  config.trusted_certs_paths = {volume / "ca.pem"};
  config.trusted_jwk_sets = {"file://" + (volume / "set.json")};
  ASSERT_TRUE(watch_.start(token_trust(config, worlds_, watch_.texts()), kNow).ok());
  EXPECT_TRUE(believes(one));
  volume.write({{"ca.pem", "no certificate"}, {"set.json", set_of(two)}});
  watch_.look(kNow + seconds(1));
  watch_.look(kNow + seconds(2));
  EXPECT_TRUE(believes(one));
  EXPECT_FALSE(believes(two)) << "all of it or nothing";
  EXPECT_EQ(notices_.size(), 1U);
  volume.write({{"ca.pem", certificate}, {"set.json", "{}"}});
  watch_.look(kNow + seconds(3));
  EXPECT_TRUE(believes(one));
  EXPECT_EQ(notices_.size(), 2U);
  volume.write({{"ca.pem", certificate}, {"set.json", set_of(two)}});
  watch_.look(kNow + seconds(4));
  EXPECT_TRUE(believes(two));
  EXPECT_FALSE(believes(one));
  EXPECT_EQ(notices_.back(), "trust in tokens reloaded");
}

TEST_F(Trusting, certificates_that_are_renewed_are_trusted_from_then_on) {
  const auto own = load_signer([] {
                     config::TokenBroker broker;
                     broker.signer.emplace();
                     broker.signer->key_path = "src/appraise/testdata/signer.key";
                     broker.signer->cert_path = "src/appraise/testdata/signer.pem";
                     return broker;
                   }())
                       .value();
  const std::string token = own.sign(R"({"exp":1790000300})").value();
  KubeletVolume volume(dir_ / "volume");
  volume.write({{"token.crt", file_text("src/crypto/testdata/int-a.pem")}});
  config::AttestationToken config;
  config.trusted_certs_paths = {volume / "token.crt"};
  ASSERT_TRUE(watch_.start(token_trust(config, worlds_, watch_.texts()), kNow).ok());
  EXPECT_FALSE(now()->token_trust->check(token, kNow).ok());
  volume.write({{"token.crt", file_text("src/appraise/testdata/signer.pem")}});
  watch_.look(kNow + seconds(1));
  EXPECT_TRUE(now()->token_trust->check(token, kNow).ok());
}

TEST_F(Parts, administrators_are_believed_by_the_keys_that_lie_there_now) {
  const auto one = crypto::PrivateKey::generate_ed25519().value();
  const auto two = crypto::PrivateKey::generate_ed25519().value();
  const auto public_pem = [](const crypto::PrivateKey& key) {
    return codec::pem_write("PUBLIC KEY", key.public_key().spki());
  };
  const auto admitted = [&](const crypto::PrivateKey& key) {
    const auto signer =
        jose::Signer::create(key, crypto::SignatureScheme::eddsa, R"({"alg":"EdDSA","typ":"JWT"})")
            .value();
    const std::string token = signer.sign(as_bytes(R"({"role":"admin","exp":1790000300})")).value();
    const std::string bearer = "Bearer " + token;
    return now()
        ->admin
        ->decide({"POST", "/kbs/v0/resource-policy", "/kbs/v0/resource-policy", bearer}, kNow)
        .ok();
  };
  KubeletVolume volume(dir_ / "auth");
  volume.write({{"publicKey", public_pem(one)}});
  config::Admin config;
  config.mode = config::AdminMode::authenticated;
  config::IdentityProvider provider;
  provider.public_key_uri = volume / "publicKey";
  config.identity_providers = {provider};
  config.acls = {{"admin", "^/kbs/.*$", {}}};
  ASSERT_TRUE(watch_.start(administrators(config, worlds_, watch_.texts()), kNow).ok());
  EXPECT_TRUE(admitted(one));
  volume.write({{"publicKey", public_pem(two)}});
  watch_.look(kNow + seconds(1));
  EXPECT_TRUE(admitted(two));
  EXPECT_FALSE(admitted(one));
  volume.write({{"publicKey", "junk"}});
  watch_.look(kNow + seconds(2));
  EXPECT_TRUE(admitted(two));
  EXPECT_EQ(notices_.size(), 2U);
}

TEST_F(Parts, session_cookies_are_sealed_with_the_key_that_lies_there_now) {
  KubeletVolume volume(dir_ / "session-keys");
  volume.write({{"current", std::string(64, 'a')}});
  ASSERT_TRUE(watch_.start(session_keys({volume / "current"}, worlds_), kNow).ok());
  const auto first = now()->cookie_keys;
  const auto cookie = first->seal(authz::AttestedSession{"a.b.c", kNow + seconds(60)}).value();
  volume.write({{"current", "too short"}});
  watch_.look(kNow + seconds(1));
  EXPECT_EQ(now()->cookie_keys, first);
  volume.write({{"current", std::string(64, 'b')}});
  watch_.look(kNow + seconds(2));
  EXPECT_FALSE(now()->cookie_keys->open(cookie, kNow).ok());
  volume.write({{"current", std::string(64, 'a')}});
  watch_.look(kNow + seconds(3));
  EXPECT_TRUE(now()->cookie_keys->open(cookie, kNow).ok());
  EXPECT_EQ(notices_.size(), 3U);
}

TEST_F(Parts, keys_of_tpms_are_those_whose_files_lie_there_now) {
  worlds_.change([](world::World& w) {
    w.trust = std::make_shared<const tee::Trust>(
        tee::Trust{std::move(amd::RootSet::built_in()).value(), {}, true});
  });
  const auto key = crypto::PublicKey::from_spki(file_bytes("src/tpm/testdata/rsa-ak.spki")).value();
  const std::string area = file_text("src/tpm/testdata/rsa-ak.tpm2b_public");
  KubeletVolume volume(dir_ / "aks");
  volume.write({});
  config::TpmVerifier config;
  config.trusted_ak_keys_dir = volume.path();
  ASSERT_TRUE(watch_.start(trusted_tpm_keys(config, worlds_), kNow).ok());
  const auto trusted = [&] { return now()->trust->tpm.trusted_aks.contains(key); };
  EXPECT_EQ(now()->trust->tpm.ak_trust, tpm_evidence::AkTrust::listed);
  EXPECT_FALSE(trusted());
  volume.write({{"node-1", area}});
  watch_.look(kNow + seconds(1));
  EXPECT_TRUE(trusted());
  EXPECT_TRUE(now()->trust->verification_claims) << "the rest stays as it was";
  volume.write({{"node-1", area}, {"node-2", "junk"}});
  watch_.look(kNow + seconds(2));
  EXPECT_TRUE(trusted());
  EXPECT_NE(notices_.back().find("node-2"), std::string::npos) << notices_.back();
  volume.write({});
  watch_.look(kNow + seconds(3));
  EXPECT_FALSE(trusted()) << "what was taken away is trusted no more";
}

}  // namespace
}  // namespace trustee::reload

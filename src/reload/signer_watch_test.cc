#include "reload/signer_watch.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "reload/material.h"
#include "tests/support/secret_access.h"
#include "tests/support/temp_dir.h"

namespace trustee::reload {
namespace {

using std::chrono::seconds;

const Time kNow = from_unix_seconds(1'790'000'000);

/// A world whose tokens are signed with the key in a file, and believed for that.
class Signing : public ::testing::Test {
 protected:
  Signing() {
    write(key_a_);
    broker_.signer.emplace();
    broker_.signer->key_path = path_;
    world::World first;
    auto signer = load_signer(broker_).value();
    authz::TokenTrustParts parts;
    parts.own_keys.push_back(*signer.jwk().key);
    first.token_trust = std::make_shared<const authz::TokenTrust>(
        authz::TokenTrust::create(std::move(parts)).value());
    first.signers = std::make_shared<const appraise::SignerRing>(std::move(signer));
    worlds_.emplace(std::move(first));
    watch_.emplace(broker_, true, *worlds_, [this](std::string n) { notices_.push_back(n); });
  }

  static crypto::PrivateKey fresh() {
    return crypto::PrivateKey::generate_ec(crypto::Curve::p256).value();
  }
  void write(const crypto::PrivateKey& key) {
    write(key.to_pem().reveal(SecretAccessForTest::key()));
  }
  /// Puts a new file in the place of the old one, as tools that renew keys do.
  void write(const std::string& text) {
    const std::string next = path_ + ".next";
    std::ofstream(next, std::ios::binary) << text;
    std::filesystem::rename(next, path_);
  }
  void look(Time now) {
    if (watch_->stale(now)) watch_->refresh(now);
  }
  std::string token(std::int64_t expires) {
    return worlds_->current()
        ->signers->current()
        .sign("{\"exp\":" + std::to_string(expires) + "}")
        .value();
  }
  bool believed(const std::string& token, Time now) {
    return worlds_->current()->token_trust->check(token, now).ok();
  }
  bool signs_with(const crypto::PrivateKey& key) {
    return *worlds_->current()->signers->current().jwk().key == key.public_key();
  }
  std::size_t published(Time now) {
    const json::Value set = worlds_->current()->signers->jwks(now);
    return set.at_pointer("/keys")->as_array()->size();
  }

  TempDir dir_;
  const std::string path_ = dir_ / "token.key";
  const crypto::PrivateKey key_a_ = fresh();
  const crypto::PrivateKey key_b_ = fresh();
  config::TokenBroker broker_;
  std::optional<world::Worlds> worlds_;
  std::optional<SignerWatch> watch_;
  std::vector<std::string> notices_;
};

TEST_F(Signing, a_new_key_signs_and_the_old_one_is_believed_until_its_last_token_has_expired) {
  look(kNow);
  const auto generation = worlds_->current()->generation;
  EXPECT_TRUE(notices_.empty()) << "the first look found what was loaded at the start";
  const std::string old_token = token(1'790'000'300);
  write(key_b_);
  look(kNow + std::chrono::milliseconds(999));
  EXPECT_TRUE(signs_with(key_a_)) << "one look in a second";
  look(kNow + seconds(1));
  EXPECT_TRUE(signs_with(key_b_));
  EXPECT_EQ(worlds_->current()->generation, generation + 1);
  EXPECT_EQ(notices_, std::vector<std::string>{"token signing key reloaded"});
  EXPECT_TRUE(believed(old_token, kNow + seconds(300)));
  EXPECT_TRUE(believed(token(1'790'000'301), kNow + seconds(2)));
  // Signed from 1 on: five minutes and the leeway of a minute later nothing of the old key counts.
  look(kNow + seconds(360));
  EXPECT_EQ(published(kNow + seconds(360)), 2U);
  look(kNow + seconds(361));
  EXPECT_EQ(published(kNow + seconds(361)), 1U);
  EXPECT_FALSE(believed(old_token, kNow)) << "forgotten, whatever the time";
  EXPECT_TRUE(signs_with(key_b_));
}

TEST_F(Signing, files_without_a_usable_key_are_refused_once_and_the_old_key_goes_on) {
  look(kNow);
  write("no key");
  look(kNow + seconds(1));
  look(kNow + seconds(2));
  ASSERT_EQ(notices_.size(), 1U);
  EXPECT_NE(notices_[0].find("the old key stays in use"), std::string::npos) << notices_[0];
  EXPECT_TRUE(signs_with(key_a_));
  std::filesystem::remove(path_);
  look(kNow + seconds(3));
  EXPECT_EQ(notices_.size(), 2U);
  EXPECT_TRUE(signs_with(key_a_));
  write(key_b_);
  look(kNow + seconds(4));
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
  watch_.emplace(broker_, true, *worlds_, [this](std::string n) { notices_.push_back(n); });
  look(kNow);
  const auto pair = worlds_->current()->signers->current().jwk();
  ASSERT_TRUE(pair.x5c.has_value());
  std::filesystem::remove(dir_ / "pair.key");
  std::filesystem::copy_file(path_, dir_ / "pair.key");
  look(kNow + seconds(1));
  EXPECT_EQ(*worlds_->current()->signers->current().jwk().key, *pair.key);
  EXPECT_NE(notices_.back().find("appraise.certificate_of_another_key"), std::string::npos);
}

TEST_F(Signing, a_clock_that_was_set_back_does_not_end_the_looking) {
  look(kNow);
  write(key_b_);
  look(kNow - seconds(86'400));
  EXPECT_TRUE(signs_with(key_b_));
}

TEST_F(Signing, a_key_that_no_file_names_is_never_stale) {
  SignerWatch watch({}, true, *worlds_, {});
  EXPECT_FALSE(watch.stale(kNow));
}

TEST_F(Signing, tokens_are_not_believed_for_their_key_where_the_configuration_says_so) {
  watch_.emplace(broker_, false, *worlds_, [](std::string) {});
  write(key_b_);
  look(kNow);
  EXPECT_TRUE(signs_with(key_b_));
  EXPECT_FALSE(believed(token(1'790'000'300), kNow));
}

}  // namespace
}  // namespace trustee::reload

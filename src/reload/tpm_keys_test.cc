#include "reload/material.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "reload/errors.h"
#include "tests/support/file_bytes.h"
#include "tests/support/temp_dir.h"
#include "tpm/errors.h"
#include "tpm_evidence/errors.h"

namespace trustee::reload {
namespace {

using tpm_evidence::AkTrust;

class TrustedAks : public ::testing::Test {
 protected:
  void put(const std::string& name, const std::string& source) {
    std::filesystem::copy_file(source, directory_ / name);
  }
  config::TpmVerifier config() const {
    config::TpmVerifier out;
    out.trusted_ak_keys_dir = directory_.path();
    return out;
  }
  TempDir directory_;
};

crypto::PublicKey rsa_ak() {
  return crypto::PublicKey::from_spki(file_bytes("src/tpm/testdata/rsa-ak.spki")).value();
}

TEST_F(TrustedAks, without_a_directory_any_key_is_trusted) {
  EXPECT_EQ(load_tpm_policy({})->ak_trust, AkTrust::any);
}

TEST_F(TrustedAks, of_a_directory_are_its_files) {
  put("a.pub", "src/tpm/testdata/rsa-ak.tpm2b_public");
  put("b.pem", "src/tpm_evidence/testdata/ak.pem");
  put(".hidden", "src/tpm/testdata/pcrs.bin");
  std::filesystem::create_directory(directory_ / "more");
  const auto policy = load_tpm_policy(config());
  ASSERT_TRUE(policy.ok()) << policy.error().to_string();
  EXPECT_EQ(policy->ak_trust, AkTrust::listed);
  EXPECT_EQ(policy->trusted_aks.size(), 2U);
  EXPECT_TRUE(policy->trusted_aks.contains(rsa_ak()));
}

TEST_F(TrustedAks, of_an_empty_directory_are_none) {
  const auto policy = load_tpm_policy(config());
  ASSERT_TRUE(policy.ok());
  EXPECT_EQ(policy->ak_trust, AkTrust::listed);
  EXPECT_FALSE(policy->trusted_aks.contains(rsa_ak()));
}

TEST_F(TrustedAks, that_cannot_be_read_stop_the_start_and_are_named) {
  put("bad.pub", "src/tpm/testdata/rsa-unrestricted.tpm2b_public");
  const auto refused = load_tpm_policy(config());
  ASSERT_FALSE(refused.ok());
  EXPECT_TRUE(refused.error().is(tpm::Errc::key_not_restricted));
  EXPECT_NE(refused.error().to_string().find("bad.pub"), std::string::npos);

  config::TpmVerifier missing;
  missing.trusted_ak_keys_dir = directory_ / "missing";
  EXPECT_TRUE(load_tpm_policy(missing).error().is(Errc::file_unreadable));
}

TEST_F(TrustedAks, obey_the_limit_and_the_wish_for_restricted_keys) {
  put("a.pub", "src/tpm/testdata/rsa-ak.tpm2b_public");
  put("b.pem", "src/tpm_evidence/testdata/ak.pem");
  config::TpmVerifier limited = config();
  limited.max_trusted_ak_keys = 1;
  EXPECT_TRUE(load_tpm_policy(limited).error().is(tpm_evidence::Errc::too_many_trusted_aks));
  config::TpmVerifier strict = config();
  strict.require_restricted_ak = true;
  EXPECT_TRUE(load_tpm_policy(strict).error().is(tpm_evidence::Errc::trusted_ak_not_restricted));
}

}  // namespace
}  // namespace trustee::reload

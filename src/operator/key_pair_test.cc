#include "operator/key_pair.h"

#include <gtest/gtest.h>

#include "operator/object_tree.h"
#include "operator/operator_testdata.h"
#include "tests/support/case.h"

namespace trustee::operators {
namespace {

std::string entry(const json::Object& data, std::string_view key) {
  return secret_entry({{"data", data}}, key).value();
}

TEST(AuthSecret, holds_a_matching_ed25519_pair_in_pem) {
  CASE("OP-11");
  const auto key = crypto::PrivateKey::generate_ed25519();
  ASSERT_TRUE(key.ok());
  const auto data = auth_secret_data(*key);
  EXPECT_EQ(data.size(), 2U);
  const auto private_pem = entry(data, "privateKey");
  const auto public_pem = entry(data, "publicKey");
  EXPECT_TRUE(private_pem.starts_with("-----BEGIN PRIVATE KEY-----\n"));
  EXPECT_TRUE(public_pem.starts_with("-----BEGIN PUBLIC KEY-----\n"));
  const auto read = crypto::PrivateKey::from_pem(SecretText(std::string(private_pem)));
  const auto other_half = crypto::PublicKey::from_pem(public_pem);
  ASSERT_TRUE(read.ok() && other_half.ok());
  EXPECT_EQ(read->type(), crypto::KeyType::ed25519);
  EXPECT_TRUE(read->public_key() == *other_half);
}

TEST(AuthSecret, of_a_known_key_has_the_public_half_that_openssl_tells) {
  const auto key =
      crypto::PrivateKey::from_pem(SecretText(file_text("src/crypto/testdata/ed25519.pkcs8.pem")));
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(entry(auth_secret_data(*key), "publicKey"),
            file_text("src/operator/testdata/ed25519.spki.pem"));
}

TEST(SessionKeys, are_one_key_of_32_bytes_in_hex) {
  const auto data = session_key_data(SecretBytes(ByteVec(32, 0x0F)));
  EXPECT_EQ(data.size(), 1U);
  std::string digits;
  for (int i = 0; i < 32; ++i) {
    digits += "0f";
  }
  EXPECT_EQ(entry(data, "current"), digits);
}

}  // namespace
}  // namespace trustee::operators

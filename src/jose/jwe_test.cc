#include "jose/jwe.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "codec/base64.h"
#include "codec/hex.h"
#include "crypto/errors.h"
#include "crypto/symmetric.h"
#include "jose/internal/ephemeral.h"
#include "tests/support/case.h"
#include "tests/support/secret_access.h"
#include "tests/support/transcript.h"

namespace trustee::jose {
namespace {

using crypto::Curve;
using crypto::PrivateKey;

SecretBytes secret(std::string_view text) { return secret_copy(as_bytes(text)); }
std::string revealed(const SecretBytes& s) {
  return std::string(as_text(s.reveal(SecretAccessForTest::key())));
}
std::string hex(const SecretBytes& s) {
  return codec::hex_encode(s.reveal(SecretAccessForTest::key()));
}
ByteVec counting(std::size_t size) {
  ByteVec out(size);
  for (std::size_t i = 0; i < size; ++i) {
    out[i] = static_cast<std::uint8_t>(i);
  }
  return out;
}

// Source  client-and-guest.md 3.4 and 3.6; the PEM form of `d` by python3-cryptography.
constexpr const char* kTeeKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgQ0pfw21sK0IX94Aw\n"
    "rqKF6OXP7LXGqeGvgZD2xsHyls6hRANCAAQ6G28hw08+Aif4rKFlBoWD3SQ1Yyic\n"
    "9y1p6ivmedep+hxb526A6s7eJVlJdixGxePUidd4eubMAl/h9iVa0uXq\n"
    "-----END PRIVATE KEY-----\n";
constexpr const char* kEphemeralKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgSxylQ/YU0RdBlnEh\n"
    "CNAUIl6jWk2tLFOtSxl4MftGkDKhRANCAAQ6PYjd9RVzMX+0TdgHQ1oVldYKxlOQ\n"
    "HnjFWLhPNQN3hBAmp5VWobjo3XGB0DYnfI0N2KdZoUpcW8AZZU76MUcV\n"
    "-----END PRIVATE KEY-----\n";
constexpr std::string_view kVector =
    R"({"protected":"eyJhbGciOiJFQ0RILUVTK0EyNTZLVyIsImVuYyI6IkEyNTZHQ00iLCJlcGsiOnsiY3J2I)"
    R"(joiUC0yNTYi)"
    R"(LCJrdHkiOiJFQyIsIngiOiJPajJJM2ZVVmN6Rl90RTNZQjBOYUZaWFdDc1pUa0I1NHhWaTRUelVEZDRRIiw)"
    R"(ieSI6IkVDYW5s)"
    R"(VmFodU9qZGNZSFFOaWQ4alEzWXAxbWhTbHhid0JsbFR2b3hSeFUifX0",)"
    R"("encrypted_key":"bgbRFvICvSAYIfhKU9Dqv0s3ZQkBwK5cCuxx32RmRtux3EvcjlkgnA",)"
    R"("iv":"AAECAwQFBgcICQoL","ciphertext":"NWelKrOErio","tag":"WtMtXiBMHSVhqLz4vJqsaA"})";

PrivateKey key_of(const std::string& pem) {
  return PrivateKey::from_pem(SecretText(std::string(pem))).value();
}

/// Hands out what a vector fixes.
class FixedEntropy final : public JweEntropy {
 public:
  FixedEntropy(ByteVec content_key, PrivateKey ephemeral)
      : content_key_(std::move(content_key)), ephemeral_(std::move(ephemeral)) {}
  SecretBytes content_key() override { return secret_copy(content_key_); }
  ByteArray<12> iv() override { return {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}; }
  Result<PrivateKey> ephemeral_key(Curve) override { return ephemeral_; }

 private:
  ByteVec content_key_;
  PrivateKey ephemeral_;
};

TEST(Jwe, DecryptsTheVectorOfTheSpecification) {
  CASE("CL-60");
  const auto plaintext =
      decrypt(parse_jwe(kVector).value(), key_of(kTeeKey), KeyWrap::ecdh_es_a256kw);
  ASSERT_TRUE(plaintext.ok()) << plaintext.error().to_string();
  EXPECT_EQ(revealed(*plaintext), "res1val1");
}

TEST(Jwe, EncryptsTheVectorOfTheSpecificationByteForByte) {
  FixedEntropy entropy(counting(32), key_of(kEphemeralKey));
  const auto recipient = Recipient::create(key_of(kTeeKey).public_key(), "ECDH-ES+A256KW").value();
  EXPECT_EQ(to_json_text(recipient.encrypt(secret("res1val1"), entropy).value()), kVector);
}

TEST(Jwe, AgreesOnTheKeysOfTheSpecification) {
  EXPECT_EQ(hex(key_of(kEphemeralKey).ecdh(key_of(kTeeKey).public_key()).value()),
            "1d7b5c4a0ae49a6c558c69bd0b25ff52f09f97bdac8e8c650c355883121960ad");
  EXPECT_EQ(hex(agreed_key(key_of(kTeeKey), key_of(kEphemeralKey).public_key()).value()),
            "e3f0036670c35baaa15f4998474bb1ecac48c69afed239c9ed964af65205361f");
}

TEST(Jwe, ReproducesTheVectorsOfTheServerSpecification) {
  CASE("KBS-J3");
  const SecretBytes wrapping_key =
      crypto::concat_kdf(secret_copy(counting(32)), "ECDH-ES+A256KW", 256);
  EXPECT_EQ(hex(wrapping_key), "ead36a3ab953bb6e5a6709471c0fd35fcc62cf920994cede2f3aa2544e9f47ac");
  EXPECT_EQ(hex(crypto::concat_kdf(secret_copy(counting(66)), "ECDH-ES+A256KW", 256)),
            "3e6609c07a08404eae372dd90baa6ab82e7f1104c848e414079726e64e92f00c");
  const SecretBytes content_key = secret_copy(ByteVec(32, 0x11));
  EXPECT_EQ(codec::hex_encode(crypto::aes_key_wrap(wrapping_key, content_key).value()),
            "685ae2f6aee3b53b29e11f1dc70a589d1170861018a712547de43873e403fca96226c6e2192b0414");
  Jwe jwe;
  jwe.protected_text = ecdh_protected_text("P-256", ByteVec(32, 1), ByteVec(32, 2));
  jwe.iv = counting(12);
  jwe.sealed = crypto::aes256_gcm_seal(content_key, jwe.iv, as_bytes(jwe.protected_text),
                                       as_bytes("shhhhhhh"))
                   .value();
  EXPECT_EQ(
      to_json_text(jwe),
      R"({"protected":"eyJhbGciOiJFQ0RILUVTK0EyNTZLVyIsImVuYyI6IkEyNTZHQ00iLCJlcGsiOnsiY3J2Ijoi)"
      R"(UC0yNTYiLCJrdHkiOiJFQyIsIngiOiJBUUVCQVFFQkFRRUJBUUVCQVFFQkFRRUJBUUVCQVFFQkFRRUJBUUVCQVFF)"
      R"(IiwieSI6IkFnSUNBZ0lDQWdJQ0FnSUNBZ0lDQWdJQ0FnSUNBZ0lDQWdJQ0FnSUNBZ0kifX0",)"
      R"("encrypted_key":"","iv":"AAECAwQFBgcICQoL","ciphertext":"YIveexPLXZw",)"
      R"("tag":"MnhQATze-TzpKeouVyVPKw"})");
  // KMAC256 over the algorithm name and 192, as ML-KEM-768+A192KW would use it.
  const ByteVec input = from_hex(
      "00000011"
      "4d4c2d4b454d2d3736382b413139324b57"
      "000000c0");
  EXPECT_EQ(hex(crypto::kmac256(secret_copy(counting(32)), "", input, 24)),
            "3ca895ec8c52f6c90562f607de97f1dd01e5cb9da6c23525");
}

TEST(Jwe, WritesTheHeadersOfTheSpecification) {
  EXPECT_EQ(protected_text("RSA1_5", "A256GCM"), "eyJhbGciOiJSU0ExXzUiLCJlbmMiOiJBMjU2R0NNIn0");
  EXPECT_EQ(protected_text("RSA-OAEP-256", "A256GCM"),
            "eyJhbGciOiJSU0EtT0FFUC0yNTYiLCJlbmMiOiJBMjU2R0NNIn0");
  const json::Object epk{{"y", "Y"}, {"x", "X"}, {"kty", "EC"}, {"crv", "P-256"}};
  EXPECT_EQ(
      protected_text("a", "e", {{"zz", 1}, {"epk", epk}}),
      codec::base64url_encode(as_bytes(
          R"({"alg":"a","enc":"e","epk":{"crv":"P-256","kty":"EC","x":"X","y":"Y"},"zz":1})")));
}

TEST(Jwe, HasTheHeaderTextAsAdditionalData) {
  CASE("CL-61");
  EXPECT_EQ(protected_text("fakealg", "fakeenc"), "eyJhbGciOiJmYWtlYWxnIiwiZW5jIjoiZmFrZWVuYyJ9");
}

TEST(Jwe, DecryptsWhatJwcryptoEncrypts) {
  const json::Value file = json_file("src/jose/testdata/jwe.json");
  ASSERT_EQ(file.as_array()->size(), 4U);
  for (const json::Value& row : *file.as_array()) {
    const auto wrap = key_wrap_from_name(text_at(row, "/alg")).value();
    const Jwe jwe = parse_jwe(json::write(*row.at_pointer("/jwe"))).value();
    const PrivateKey key = key_of(text_at(row, "/pem"));
    const auto plaintext = decrypt(jwe, key, wrap);
    ASSERT_TRUE(plaintext.ok()) << text_at(row, "/alg") << plaintext.error().to_string();
    EXPECT_EQ(revealed(*plaintext), text_at(row, "/plaintext"));
    for (const KeyWrap other : {KeyWrap::rsa1_5, KeyWrap::rsa_oaep_256, KeyWrap::ecdh_es_a256kw}) {
      if (other != wrap) {
        EXPECT_TRUE(decrypt(jwe, key, other).error().is(Errc::jwe_algorithm_mismatch));
      }
    }
  }
}

// Expected: what the released client printed when it decrypted these answers of the released
// server.
TEST(Jwe, DecryptsRecordedAnswersOfTheReleasedServer) {
  int decrypted = 0;
  for (const std::string scenario : {"02-get-resource-background-check", "03-passport"}) {
    for (const Exchange& e : recorded_exchanges(scenario)) {
      const bool is_p256 = std::ranges::count(e.argv, "keys/tee-p256.pem") != 0;
      const bool is_rsa = std::ranges::count(e.argv, "keys/tee-rsa.pem") != 0;
      if (e.method != "GET" || e.status != 200 || (!is_p256 && !is_rsa)) continue;
      const auto key = key_of(file_text(std::string("tests/transcripts/") +
                                        (is_p256 ? "keys/tee-p256.pem" : "keys/tee-rsa.pem")));
      const auto plaintext = decrypt(parse_jwe(e.response_body).value(), key,
                                     is_p256 ? KeyWrap::ecdh_es_a256kw : KeyWrap::rsa_oaep_256);
      EXPECT_EQ(plaintext.ok(), !e.stdout_text.empty()) << e.note;
      if (!plaintext.ok()) continue;
      ++decrypted;
      EXPECT_EQ(codec::base64_encode(as_bytes(revealed(*plaintext))) + "\n", e.stdout_text);
      EXPECT_EQ(to_json_text(parse_jwe(e.response_body).value()), e.response_body);
    }
  }
  EXPECT_EQ(decrypted, 3);
}

TEST(Jwe, OfEveryKindReachesItsRecipientAndNobodyElse) {
  const JwePolicy policy{.rsa1_5 = true, .min_rsa_bits = 2048};
  const auto rsa = PrivateKey::generate_rsa(2048).value();
  const auto p256 = PrivateKey::generate_ec(Curve::p256).value();
  const auto p521 = PrivateKey::generate_ec(Curve::p521).value();
  const auto check = [&policy](const PrivateKey& key, const PrivateKey& other, KeyWrap wrap) {
    const auto recipient = Recipient::create(key.public_key(), to_string(wrap), policy).value();
    EXPECT_EQ(recipient.key_wrap(), wrap);
    const std::string once = to_json_text(recipient.encrypt(secret("shhhhhhh")).value());
    const std::string twice = to_json_text(recipient.encrypt(secret("shhhhhhh")).value());
    EXPECT_NE(once, twice);
    EXPECT_EQ(revealed(decrypt(parse_jwe(once).value(), key, wrap).value()), "shhhhhhh");
    EXPECT_EQ(revealed(decrypt(parse_jwe(twice).value(), key, wrap).value()), "shhhhhhh");
    EXPECT_TRUE(decrypt(parse_jwe(once).value(), other, wrap).error().is(Errc::decryption_failed));
  };
  check(rsa, PrivateKey::generate_rsa(2048).value(), KeyWrap::rsa1_5);
  check(rsa, PrivateKey::generate_rsa(2048).value(), KeyWrap::rsa_oaep_256);
  check(p256, PrivateKey::generate_ec(Curve::p256).value(), KeyWrap::ecdh_es_a256kw);
  check(p521, PrivateKey::generate_ec(Curve::p521).value(), KeyWrap::ecdh_es_a256kw);
}

TEST(Jwe, CarriesEmptyAndLargePlaintexts) {
  const auto key = PrivateKey::generate_ec(Curve::p256).value();
  const auto recipient = Recipient::create(key.public_key(), "ECDH-ES+A256KW").value();
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{3'000'000}}) {
    const std::string plaintext(size, 'p');
    const auto jwe = recipient.encrypt(secret(plaintext)).value();
    const auto back =
        decrypt(parse_jwe(to_json_text(jwe)).value(), key, KeyWrap::ecdh_es_a256kw).value();
    EXPECT_TRUE(revealed(back) == plaintext) << size;
  }
}

TEST(Recipient, RefusesKeysAndAlgorithmsOutsideTheProtocol) {
  const auto p256 = PrivateKey::generate_ec(Curve::p256).value().public_key();
  const auto p384 = PrivateKey::generate_ec(Curve::p384).value().public_key();
  const auto rsa = PrivateKey::generate_rsa(2048).value().public_key();
  const auto code_is = [](const crypto::PublicKey& key, std::string_view alg, Errc code) {
    const auto recipient = Recipient::create(key, alg, {.rsa1_5 = true});
    ASSERT_FALSE(recipient.ok()) << alg;
    EXPECT_TRUE(recipient.error().is(code)) << alg << recipient.error().to_string();
  };
  code_is(p384, "ECDH-ES+A256KW", Errc::jwe_algorithm_unsupported);
  code_is(rsa, "RSA-OAEP", Errc::jwe_algorithm_unsupported);
  code_is(rsa, "ECDH-ES+A256KW", Errc::jwe_algorithm_unsupported);
  code_is(p256, "RSA-OAEP-256", Errc::jwe_algorithm_unsupported);
  code_is(p256, "RSA1_5", Errc::jwe_algorithm_unsupported);
  for (const std::string_view alg :
       {"ECDH-ES", "ECDH-ES+A128KW", "A256KW", "dir", "", "ecdh-es+a256kw", "ML-KEM-768+A192KW"}) {
    code_is(p256, alg, Errc::jwe_algorithm_unsupported);
  }
}

TEST(Recipient, IsHeldToThePolicyForRsa) {
  const auto key = PrivateKey::generate_rsa(2048).value().public_key();
  const auto small = PrivateKey::generate_rsa(1024).value().public_key();
  EXPECT_TRUE(Recipient::create(key, "RSA1_5").error().is(Errc::jwe_algorithm_refused));
  EXPECT_TRUE(Recipient::create(key, "RSA1_5", {.rsa1_5 = true}).ok());
  EXPECT_TRUE(Recipient::create(small, "RSA-OAEP-256").error().is(Errc::rsa_key_too_small));
  EXPECT_TRUE(Recipient::create(small, "RSA-OAEP-256", {.min_rsa_bits = 1024}).ok());
  EXPECT_TRUE(Recipient::create(key, "RSA-OAEP-256", {.min_rsa_bits = 2049})
                  .error()
                  .is(Errc::rsa_key_too_small));
}

}  // namespace
}  // namespace trustee::jose

// What the decrypting side must not accept.
#include <gtest/gtest.h>

#include "codec/base64.h"
#include "crypto/errors.h"
#include "jose/jwe.h"
#include "tests/support/case.h"
#include "tests/support/secret_access.h"

namespace trustee::jose {
namespace {

using crypto::Curve;
using crypto::PrivateKey;

/// A message to a fresh key, to be spoilt by each test.
class SpoiltJwe : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto recipient = Recipient::create(key_.public_key(), "ECDH-ES+A256KW").value();
    jwe_ = recipient.encrypt(secret_copy(as_bytes("shhhhhhh"))).value();
    ASSERT_TRUE(open().ok());
  }
  Result<SecretBytes> open() const { return decrypt(jwe_, key_, KeyWrap::ecdh_es_a256kw); }
  json::Object header() const {
    const ByteVec text = codec::base64url_decode(jwe_.protected_text).value();
    return *json::parse(as_text(text)).value().as_object();
  }
  void set_header(const json::Object& changed) {
    jwe_.protected_text = codec::base64url_encode(as_bytes(json::write(changed)));
  }
  void set_header_member(std::string_view name, json::Value value) {
    json::Object changed = header();
    changed.set(name, std::move(value));
    set_header(changed);
  }
  json::Object epk() const { return *header().find("epk")->as_object(); }

  PrivateKey key_ = PrivateKey::generate_ec(Curve::p256).value();
  Jwe jwe_;
};

TEST_F(SpoiltJwe, WithAFlippedBitOfTheTag) {
  CASE("CL-62");
  jwe_.sealed.back() ^= 1U;
  EXPECT_TRUE(open().error().is(Errc::decryption_failed));
}

TEST_F(SpoiltJwe, WithAnyFlippedBit) {
  const auto each_bit = [this](ByteVec& bytes) {
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      const auto mask = static_cast<std::uint8_t>(1U << bit % 8);
      bytes[bit / 8] ^= mask;
      EXPECT_TRUE(open().error().is(Errc::decryption_failed)) << bit;
      bytes[bit / 8] ^= mask;
    }
  };
  each_bit(jwe_.encrypted_key);
  each_bit(jwe_.iv);
  each_bit(jwe_.sealed);
  EXPECT_TRUE(open().ok());
}

TEST_F(SpoiltJwe, WithAnEncryptedKeyOfAnotherLength) {
  CASE("CL-63");
  for (const std::size_t size : {0U, 4U, 8U, 16U, 39U, 41U, 48U}) {
    jwe_.encrypted_key.assign(size, 7);
    EXPECT_TRUE(open().error().is(Errc::encrypted_key_length)) << size;
  }
}

TEST_F(SpoiltJwe, WithAnEphemeralKeyOnAnotherCurve) {
  CASE("CL-64");
  const auto p521 = PrivateKey::generate_ec(Curve::p521).value();
  const auto recipient = Recipient::create(p521.public_key(), "ECDH-ES+A256KW").value();
  jwe_ = recipient.encrypt(secret_copy(as_bytes("shhhhhhh"))).value();
  EXPECT_TRUE(open().error().is(Errc::ephemeral_key_mismatch));
}

TEST_F(SpoiltJwe, WithAnEphemeralKeyOfAnotherTypeOrOffTheCurve) {
  json::Object changed = epk();
  changed.set("kty", "OKP");
  set_header_member("epk", changed);
  EXPECT_TRUE(open().error().is(Errc::ephemeral_key_mismatch));
  changed.set("kty", "EC");
  changed.set("x", *changed.find("y"));
  set_header_member("epk", changed);
  EXPECT_TRUE(open().error().is(crypto::Errc::point_not_on_curve));
  set_header_member("epk", "text");
  EXPECT_TRUE(open().error().is(Errc::jwe_malformed));
}

TEST_F(SpoiltJwe, WithAHeaderWrittenInAnotherOrder) {
  // The meaning is the same, the additional data is not.
  json::Object turned{{"enc", "A256GCM"}, {"alg", "ECDH-ES+A256KW"}, {"epk", epk()}};
  set_header(turned);
  EXPECT_TRUE(open().error().is(Errc::decryption_failed));
}

TEST_F(SpoiltJwe, WithAnotherAlgorithmOrContentEncryption) {
  const std::string intact = jwe_.protected_text;
  for (const std::string_view alg : {"ECDH-ES", "RSA1_5", "dir", "ecdh-es+a256kw"}) {
    jwe_.protected_text = intact;
    set_header_member("alg", alg);
    EXPECT_TRUE(open().error().is(Errc::jwe_algorithm_mismatch)) << alg;
  }
  for (const std::string_view enc : {"A128GCM", "A256CBC-HS512", "a256gcm"}) {
    jwe_.protected_text = intact;
    set_header_member("enc", enc);
    EXPECT_TRUE(open().error().is(Errc::content_encryption_unsupported)) << enc;
  }
}

TEST_F(SpoiltJwe, WithAHeaderMemberThatChangesItsMeaning) {
  const std::string intact = jwe_.protected_text;
  for (const std::string_view name : {"crit", "zip", "apu", "apv"}) {
    jwe_.protected_text = intact;
    set_header_member(name, "DEF");
    EXPECT_TRUE(open().error().is(Errc::jwe_header_unsupported)) << name;
  }
}

TEST_F(SpoiltJwe, WithAHeaderThatIsNoHeader) {
  for (const std::string_view text : {"", "[]", "{", "{}{}", R"({"alg":"a","alg":"a"})"}) {
    jwe_.protected_text = codec::base64url_encode(as_bytes(text));
    EXPECT_TRUE(open().error().is(Errc::jwe_malformed)) << text;
  }
  jwe_.protected_text = "a=";
  EXPECT_TRUE(open().error().is(Errc::jwe_malformed));
  jwe_.protected_text.assign(kMaxProtectedText + 4, 'e');
  EXPECT_TRUE(open().error().is(Errc::jwe_malformed));
}

// Source  RFC 7516 5.1 step 14: `aad` is authenticated.
TEST_F(SpoiltJwe, WithAdditionalDataThatNobodyAuthenticated) {
  jwe_.aad = "AAAA";
  EXPECT_TRUE(open().error().is(Errc::decryption_failed));
}

TEST(SpoiltRsaJwe, ShowsOnePaddingFaultLikeAnother) {
  const auto key = PrivateKey::generate_rsa(2048).value();
  const auto recipient = Recipient::create(key.public_key(), "RSA1_5", {.rsa1_5 = true}).value();
  const Jwe intact = recipient.encrypt(secret_copy(as_bytes("shhhhhhh"))).value();
  Jwe padding = intact;
  padding.encrypted_key.back() ^= 1U;
  EXPECT_TRUE(decrypt(padding, key, KeyWrap::rsa1_5).error().is(Errc::decryption_failed));
  Jwe short_key = intact;  // well padded, but no content key
  short_key.encrypted_key =
      key.public_key().rsa_pkcs1_encrypt(secret_copy(as_bytes("16 octets of key"))).value();
  EXPECT_TRUE(decrypt(short_key, key, KeyWrap::rsa1_5).error().is(Errc::decryption_failed));
  Jwe tag = intact;
  tag.sealed.back() ^= 1U;
  EXPECT_TRUE(decrypt(tag, key, KeyWrap::rsa1_5).error().is(Errc::decryption_failed));
}

TEST(SpoiltRsaJwe, MustHaveAnEncryptedKeyAsLongAsTheModulus) {
  const auto key = PrivateKey::generate_rsa(2048).value();
  const auto recipient = Recipient::create(key.public_key(), "RSA-OAEP-256").value();
  Jwe jwe = recipient.encrypt(secret_copy(as_bytes("shhhhhhh"))).value();
  jwe.encrypted_key.back() ^= 1U;
  EXPECT_TRUE(decrypt(jwe, key, KeyWrap::rsa_oaep_256).error().is(Errc::decryption_failed));
  jwe.encrypted_key.pop_back();
  EXPECT_TRUE(decrypt(jwe, key, KeyWrap::rsa_oaep_256).error().is(Errc::encrypted_key_length));
  jwe.encrypted_key.clear();
  EXPECT_TRUE(decrypt(jwe, key, KeyWrap::rsa_oaep_256).error().is(Errc::encrypted_key_length));
  const auto other = PrivateKey::generate_ec(Curve::p256).value();
  EXPECT_TRUE(decrypt(jwe, other, KeyWrap::rsa_oaep_256).error().is(Errc::jwe_algorithm_mismatch));
}

constexpr std::string_view kWellFormed =
    R"({"protected":"e30","encrypted_key":"AA","iv":"AAECAwQFBgcICQoL","ciphertext":"",)"
    R"("tag":"WtMtXiBMHSVhqLz4vJqsaA"})";

TEST(JweText, NeedsAllItsMembersInStrictBase64url) {
  ASSERT_TRUE(parse_jwe(kWellFormed).ok());
  for (const std::string_view member : {"protected", "encrypted_key", "iv", "ciphertext", "tag"}) {
    json::Value changed = json::parse(kWellFormed).value();
    for (json::Value bad : {json::Value(5), json::Value(), json::Value(json::Array())}) {
      changed.as_object()->set(member, bad);
      EXPECT_TRUE(parse_jwe(json::write(changed)).error().is(Errc::jwe_malformed)) << member;
    }
    changed.as_object()->remove(member);
    EXPECT_TRUE(parse_jwe(json::write(changed)).error().is(Errc::jwe_malformed)) << member;
  }
  for (const std::string_view member : {"encrypted_key", "iv", "ciphertext", "tag", "aad"}) {
    json::Value changed = json::parse(kWellFormed).value();
    for (const std::string_view bad : {"AA=", "AA==", "A+A", "A A", "A", "AB"}) {
      changed.as_object()->set(member, bad);
      EXPECT_TRUE(parse_jwe(json::write(changed)).error().is(Errc::jwe_malformed)) << member << bad;
    }
  }
}

TEST(JweText, NeedsAnIvOfTwelveAndATagOfSixteenOctets) {
  for (const std::string_view member : {"iv", "tag"}) {
    for (const std::size_t size : {0U, 11U, 13U, 15U, 17U}) {
      json::Value changed = json::parse(kWellFormed).value();
      changed.as_object()->set(member, codec::base64url_encode(ByteVec(size)));
      EXPECT_TRUE(parse_jwe(json::write(changed)).error().is(Errc::jwe_malformed)) << member;
    }
  }
}

TEST(JweText, IgnoresUnknownMembersAndRefusesRepeatedOnes) {
  const std::string body(kWellFormed.substr(1));
  EXPECT_TRUE(parse_jwe(R"({"unknown":[1],"aad":null,)" + body).ok());
  EXPECT_EQ(parse_jwe(R"({"aad":"AAAA",)" + body)->aad, "AAAA");
  EXPECT_TRUE(parse_jwe(R"({"tag":"",)" + body).error().is(Errc::jwe_malformed));
  for (const std::string_view text : {"", "[]", "null", "{"}) {
    EXPECT_TRUE(parse_jwe(text).error().is(Errc::jwe_malformed)) << text;
  }
}

TEST(JweText, IsBounded) {
  std::string text(kWellFormed);
  text.resize(kMaxJweText, ' ');
  EXPECT_TRUE(parse_jwe(text).ok());
  EXPECT_TRUE(parse_jwe(text + " ").error().is(Errc::jwe_malformed));
  json::Value value = json::parse(kWellFormed).value();
  value.as_object()->set("protected", std::string(kMaxProtectedText, 'e'));
  EXPECT_TRUE(parse_jwe(json::write(value)).ok());
  value.as_object()->set("protected", std::string(kMaxProtectedText + 1, 'e'));
  EXPECT_TRUE(parse_jwe(json::write(value)).error().is(Errc::jwe_malformed));
}

}  // namespace
}  // namespace trustee::jose

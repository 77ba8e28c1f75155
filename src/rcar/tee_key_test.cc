#include "rcar/tee_key.h"

#include <gtest/gtest.h>

#include "codec/base64.h"
#include "codec/errors.h"
#include "crypto/errors.h"
#include "jose/errors.h"
#include "tests/support/case.h"
#include "tests/support/file_bytes.h"
#include "tests/support/secret_access.h"

namespace trustee::rcar {
namespace {

json::Value parsed(std::string_view text) { return json::parse(text).value(); }

// Source  client-and-guest.md 3.4.
constexpr std::string_view kEc = R"({"kty":"EC","crv":"P-256","alg":"ECDH-ES+A256KW",)"
                                 R"("x":"OhtvIcNPPgIn-KyhZQaFg90kNWMonPctaeor5nnXqfo",)"
                                 R"("y":"HFvnboDqzt4lWUl2LEbF49SJ13h65swCX-H2JVrS5eo"})";
constexpr std::string_view kRsa = R"({"kty":"RSA","alg":"RSA-OAEP-256","n":"AQ","e":"AQAB"})";
constexpr std::string_view kAkp = R"({"kty":"AKP","alg":"ML-KEM-768+A192KW","pub":"AQ"})";

TeePubKey key_of(std::string_view text) { return parse_tee_pubkey(parsed(text)).value(); }
EcTeeKey ec() { return std::get<EcTeeKey>(key_of(kEc)); }

TEST(TeePubKey, SurvivesARoundTripInWireOrder) {
  for (const std::string_view text : {kEc, kRsa, kAkp}) {
    EXPECT_EQ(json::write(to_json(key_of(text))), text);
  }
}

TEST(TeePubKey, DropsAllOtherMembers) {
  json::Value more = parsed(kEc);
  more.as_object()->set("kid", "1");
  more.as_object()->set("use", 5);
  EXPECT_EQ(json::write(to_json(parse_tee_pubkey(more).value())), kEc);
}

TEST(TeePubKey, NeedsEachMemberOfItsKindAsText) {
  for (const std::string_view text : {kEc, kRsa, kAkp}) {
    const json::Value intact = parsed(text);
    for (const json::Member& m : *intact.as_object()) {
      json::Value spoilt = intact;
      spoilt.as_object()->set(m.name, 5);
      EXPECT_TRUE(parse_tee_pubkey(spoilt).error().is(codec::Errc::json_wrong_type)) << m.name;
      spoilt.as_object()->remove(m.name);
      EXPECT_TRUE(parse_tee_pubkey(spoilt).error().is(codec::Errc::json_missing_member)) << m.name;
    }
  }
}

TEST(TeePubKey, RefusesOtherKindsAndOtherLetterCase) {
  for (const std::string_view kty : {"OKP", "oct", "ec", "rsa", ""}) {
    json::Value key = parsed(kEc);
    key.as_object()->set("kty", kty);
    EXPECT_TRUE(parse_tee_pubkey(key).error().is(Errc::tee_key_type_unsupported)) << kty;
  }
  EXPECT_TRUE(parse_tee_pubkey(parsed("[]")).error().is(codec::Errc::json_wrong_type));
}

TEST(Recipient, IsMadeFromAKeyOfTheProtocol) {
  EXPECT_EQ(make_recipient(ec()).value().key_wrap(), jose::KeyWrap::ecdh_es_a256kw);
}

TEST(Recipient, RefusesValuesThatAreNoPoint) {
  EcTeeKey key = ec();
  key.x += "=";
  EXPECT_TRUE(make_recipient(key).error().is(Errc::tee_key_malformed));
  key = ec();
  key.x = codec::base64url_encode(ByteVec(31, 1));
  EXPECT_TRUE(make_recipient(key).error().is(Errc::tee_key_malformed));
  key.x = codec::base64url_encode(ByteVec(33, 1));
  EXPECT_TRUE(make_recipient(key).error().is(Errc::tee_key_malformed));
  key = ec();
  std::swap(key.x, key.y);
  EXPECT_TRUE(make_recipient(key).error().is(crypto::Errc::point_not_on_curve));
}

TEST(Recipient, RefusesCurvesAndKindsNothingIsEncryptedTo) {
  for (const std::string_view crv : {"P-384", "secp256k1", "p-256", ""}) {
    EcTeeKey key = ec();
    key.crv = crv;
    EXPECT_TRUE(make_recipient(key).error().is(Errc::tee_key_unusable)) << crv;
  }
  EXPECT_TRUE(make_recipient(key_of(kAkp)).error().is(Errc::tee_key_unusable));
}

TEST(Recipient, RefusesAlgorithmsByTheRulesOfTheEncryption) {
  EcTeeKey key = ec();
  key.alg = "ECDH-ES";
  EXPECT_TRUE(make_recipient(key).error().is(jose::Errc::jwe_algorithm_unsupported));
  const auto rsa = crypto::PrivateKey::generate_rsa(2048).value().public_key();
  RsaTeeKey rsa_key = std::get<RsaTeeKey>(announce(rsa, jose::KeyWrap::rsa_oaep_256).value());
  EXPECT_TRUE(make_recipient(rsa_key).ok());
  rsa_key.alg = "RSA-OAEP";
  EXPECT_TRUE(make_recipient(rsa_key).error().is(jose::Errc::jwe_algorithm_unsupported));
  rsa_key.alg = "RSA1_5";
  EXPECT_TRUE(make_recipient(rsa_key).error().is(jose::Errc::jwe_algorithm_refused));
  EXPECT_TRUE(make_recipient(rsa_key, {.rsa1_5 = true}).ok());
  rsa_key.e += "!";
  EXPECT_TRUE(make_recipient(rsa_key).error().is(Errc::tee_key_malformed));
}

/// A guest with a key file of this kind announces it and decrypts what comes back.
void check_key_file(const std::string& file, jose::KeyWrap wrap, std::string_view kty) {
  const auto key = crypto::PrivateKey::from_pem(SecretText(file_text(file)));
  ASSERT_TRUE(key.ok()) << file;
  const TeePubKey announced = announce(key->public_key(), wrap).value();
  EXPECT_EQ(*to_json(announced).find("kty")->as_string(), kty);
  EXPECT_EQ(*to_json(announced).find("alg")->as_string(), jose::to_string(wrap));
  const auto recipient = make_recipient(key_of(json::write(to_json(announced)))).value();
  const auto jwe = recipient.encrypt(secret_copy(as_bytes("shhhhhhh"))).value();
  const auto plaintext = jose::decrypt(jwe, *key, wrap).value();
  EXPECT_EQ(as_text(plaintext.reveal(SecretAccessForTest::key())), "shhhhhhh");
}

TEST(TeeKeyFile, MayBeOfTheKindsTheReleasedClientTakes) {
  CASE("CL-65");
  check_key_file("src/crypto/testdata/rsa2048.pkcs1.pem", jose::KeyWrap::rsa_oaep_256, "RSA");
  check_key_file("src/crypto/testdata/p256.pkcs8.pem", jose::KeyWrap::ecdh_es_a256kw, "EC");
  check_key_file("src/crypto/testdata/p521.pkcs8.pem", jose::KeyWrap::ecdh_es_a256kw, "EC");
}

TEST(TeeKeyFile, MayBeOfTheKindsItRefuses) {
  CASE("CL-66");
  check_key_file("src/crypto/testdata/rsa2048.pkcs8.pem", jose::KeyWrap::rsa_oaep_256, "RSA");
  check_key_file("src/crypto/testdata/p256.sec1.pem", jose::KeyWrap::ecdh_es_a256kw, "EC");
  check_key_file("src/crypto/testdata/p521.sec1.pem", jose::KeyWrap::ecdh_es_a256kw, "EC");
}

TEST(TeeKeyFile, MustFitTheAlgorithmItIsAnnouncedWith) {
  const auto p256 = crypto::PrivateKey::generate_ec(crypto::Curve::p256).value().public_key();
  const auto p384 = crypto::PrivateKey::generate_ec(crypto::Curve::p384).value().public_key();
  const auto ed = crypto::PrivateKey::generate_ed25519().value().public_key();
  EXPECT_TRUE(announce(p256, jose::KeyWrap::rsa_oaep_256).error().is(Errc::tee_key_unusable));
  EXPECT_TRUE(announce(p384, jose::KeyWrap::ecdh_es_a256kw).error().is(Errc::tee_key_unusable));
  EXPECT_TRUE(announce(ed, jose::KeyWrap::ecdh_es_a256kw).error().is(Errc::tee_key_unusable));
}

}  // namespace
}  // namespace trustee::rcar

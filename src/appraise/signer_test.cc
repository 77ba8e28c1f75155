#include "appraise/signer.h"

#include <gtest/gtest.h>

#include "appraise/errors.h"
#include "codec/base64.h"
#include "jose/jwt.h"
#include "tests/support/case.h"
#include "tests/support/file_bytes.h"

namespace trustee::appraise {
namespace {

const Time kNow = from_unix_seconds(1'790'000'000);

crypto::PrivateKey key(const std::string& name) {
  return crypto::PrivateKey::from_pem(SecretText(file_text("src/appraise/testdata/" + name)))
      .value();
}

std::vector<crypto::Certificate> chain() {
  return crypto::Certificate::bundle_from_pem(file_text("src/appraise/testdata/signer.pem"))
      .value();
}

std::string jwks(const SignerRing& ring, Time t) { return json::write(ring.jwks(t)); }

TEST(TokenSigner, a_fresh_key_is_published_in_a_set_of_one) {
  CASE("AS-43");
  const auto signer = TokenSigner::ephemeral();
  ASSERT_TRUE(signer.ok());
  const json::Value set = SignerRing(*signer).jwks(kNow);
  ASSERT_EQ(set.at_pointer("/keys")->as_array()->size(), 1U);
  EXPECT_EQ(*set.at_pointer("/keys/0/alg")->as_string(), "ES256");
  EXPECT_EQ(*set.at_pointer("/keys/0/crv")->as_string(), "P-256");
  EXPECT_EQ(*set.at_pointer("/keys/0/kty")->as_string(), "EC");
  EXPECT_EQ(codec::base64url_decode(*set.at_pointer("/keys/0/x")->as_string())->size(), 32U);
  EXPECT_EQ(codec::base64url_decode(*set.at_pointer("/keys/0/y")->as_string())->size(), 32U);
  EXPECT_EQ(set.at_pointer("/keys/0/x5c"), nullptr);
}

TEST(TokenSigner, key_and_chain_make_the_expected_set) {
  CASE("AS-44");
  const auto signer = TokenSigner::create(key("signer.key"), chain());
  ASSERT_TRUE(signer.ok());
  const std::string set = jwks(SignerRing(*signer), kNow);
  EXPECT_EQ(set, file_text("src/appraise/testdata/signer.jwks"));
  const auto x =
      codec::base64url_decode(*json::parse(set).value().at_pointer("/keys/0/x")->as_string());
  ASSERT_EQ(x->size(), 32U);
  EXPECT_EQ(x->front(), 0U) << "a coordinate whose leading zero must be kept";
}

TEST(TokenSigner, another_curve_is_refused) {
  CASE("AS-45");
  const auto signer = TokenSigner::create(key("p384.key"));
  ASSERT_FALSE(signer.ok());
  EXPECT_TRUE(signer.error().is(Errc::signing_key_not_p256));
  EXPECT_EQ(signer.error().code().text(),
            "Only P-256 attestation token signing keys are supported");
}

TEST(TokenSigner, the_first_certificate_must_be_of_the_key) {
  const auto other = crypto::PrivateKey::generate_ec(crypto::Curve::p256).value();
  const auto signer = TokenSigner::create(other, chain());
  ASSERT_FALSE(signer.ok());
  EXPECT_TRUE(signer.error().is(Errc::certificate_of_another_key));
}

TEST(TokenSigner, the_url_goes_into_the_jwk_before_the_chain) {
  const auto signer = TokenSigner::create(key("signer.key"), chain(), "https://example.io");
  ASSERT_TRUE(signer.ok());
  EXPECT_EQ(
      jwks(SignerRing(*signer), kNow).find(R"({"alg":"ES256","x5u":"https://example.io","x5c":)"),
      9U);
}

TEST(TokenSigner, tokens_verify_with_the_key_they_carry_and_the_published_one) {
  const auto signer = TokenSigner::create(key("signer.key"), chain()).value();
  const std::string token = signer.sign(R"({"exp":1790000300})").value();
  const auto parsed = jose::UnverifiedToken::parse(token);
  ASSERT_TRUE(parsed.ok());
  ASSERT_TRUE(parsed->header().jwk.has_value());
  EXPECT_TRUE(parsed->verify(*parsed->header().jwk, kNow).ok());
  EXPECT_TRUE(parsed->verify(signer.jwk(), kNow).ok());
}

TEST(SignerRing, a_previous_key_stays_until_its_last_token_has_expired) {
  const auto first = TokenSigner::ephemeral().value();
  const auto second = TokenSigner::ephemeral().value();
  const auto third = TokenSigner::ephemeral().value();
  const std::chrono::seconds lifetime(300);
  const auto x = [](const TokenSigner& s) {
    return *json::Value(jose::to_json(s.jwk())).at_pointer("/x")->as_string();
  };
  const auto published = [&](const SignerRing& ring, Time t) {
    std::string out;
    const json::Value set = ring.jwks(t);
    for (const json::Value& jwk : *set.at_pointer("/keys")->as_array()) {
      const std::string& coordinate = *jwk.at_pointer("/x")->as_string();
      out += coordinate == x(first) ? "1" : coordinate == x(second) ? "2" : "3";
    }
    return out;
  };
  const SignerRing a(first);
  const SignerRing b = a.rotated(second, kNow, lifetime);
  EXPECT_EQ(published(a, kNow), "1");
  EXPECT_EQ(published(b, kNow), "21");
  EXPECT_EQ(published(b, kNow + std::chrono::seconds(359)), "21");
  EXPECT_EQ(published(b, kNow + std::chrono::seconds(360)), "2");
  const SignerRing c = b.rotated(third, kNow + std::chrono::seconds(100), lifetime);
  EXPECT_EQ(published(c, kNow + std::chrono::seconds(100)), "321");
  EXPECT_EQ(published(c, kNow + std::chrono::seconds(360)), "32");
  const SignerRing d = c.rotated(third, kNow + std::chrono::seconds(400), lifetime);
  EXPECT_EQ(published(d, kNow + std::chrono::seconds(400)), "32");
  EXPECT_EQ(x(d.current()), x(third));
}

}  // namespace
}  // namespace trustee::appraise

#include "jose/jwk.h"

#include <gtest/gtest.h>

#include "codec/base64.h"
#include "codec/errors.h"
#include "crypto/errors.h"
#include "jose/algorithm.h"
#include "jose/jwk_set.h"
#include "jose/jwt.h"
#include "tests/support/case.h"
#include "tests/support/transcript.h"

namespace trustee::jose {
namespace {

using crypto::SignatureScheme;

json::Value parsed(std::string_view text) { return json::parse(text).value(); }

// Source  RFC 7517 appendix A.1, first key.
constexpr std::string_view kRfc7517Ec =
    R"({"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",)"
    R"("y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"enc","kid":"1"})";
// Source  RFC 7638 section 3.1.
constexpr std::string_view kRfc7638Rsa =
    R"({"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zw)"
    R"(u1RK7aPFFxu)"
    R"(hDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h)"
    R"(4QyQ5v-65YGjQR0)"
    R"(_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-b)"
    R"(FTWhAI4vMQFh6W)"
    R"(eZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB",)"
    R"("alg":"RS256","kid":"2011-04-29"})";
// Source  RFC 8037 appendix A.2 and A.3.
constexpr std::string_view kRfc8037 =
    R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";

std::string with(std::string_view object, std::string_view member, std::string_view value) {
  json::Value changed = parsed(object);
  changed.as_object()->set(member, parsed(value));
  return json::write(changed);
}

std::string without(std::string_view object, std::string_view member) {
  json::Value changed = parsed(object);
  EXPECT_TRUE(changed.as_object()->remove(member).has_value());
  return json::write(changed);
}

std::string thumbprint_of(std::string_view text) {
  return thumbprint(*parse_jwk(parsed(text)).value().key).value();
}

TEST(Jwk, HasTheThumbprintsOfRfc7638AndRfc8037) {
  EXPECT_EQ(thumbprint_of(kRfc7638Rsa), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
  EXPECT_EQ(thumbprint_of(kRfc8037), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

TEST(Jwk, AgreesWithJwcryptoOnThumbprintsAndMembers) {
  const json::Value file = json_file("src/jose/testdata/jwk.json");
  ASSERT_EQ(file.as_array()->size(), 5U);
  for (const json::Value& row : *file.as_array()) {
    const Jwk jwk = parse_jwk(*row.at_pointer("/jwk")).value();
    EXPECT_EQ(thumbprint(*jwk.key).value(), text_at(row, "/thumbprint"));
    EXPECT_EQ(json::Value(to_json(jwk)), *row.at_pointer("/jwk"));
  }
}

TEST(Jwk, IsWrittenInTheMemberOrderOfReleasedServices) {
  Jwk jwk = parse_jwk(parsed(kRfc7517Ec)).value();
  jwk.alg = "ES256";
  jwk.x5u = "https://ca.example.org/as-chain.pem";
  jwk.x5c = {"MIIB", "MIIC"};
  EXPECT_EQ(json::write(to_json(jwk)),
            R"({"use":"enc","alg":"ES256","kid":"1","x5u":"https://ca.example.org/as-chain.pem",)"
            R"("x5c":["MIIB","MIIC"],"kty":"EC","crv":"P-256",)"
            R"("x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",)"
            R"("y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"})");
}

// Expected: the header of a recorded token of the released service.
TEST(Jwk, SurvivesARoundTripOfTheReleasedServicesOwnKeyByteForByte) {
  const std::string token =
      text_at(parsed(recorded_exchanges("01-attest").at(1).response_body), "/token");
  const ByteVec header = codec::base64url_decode(token.substr(0, token.find('.'))).value();
  const Jwk jwk = parse_jwk(*parsed(as_text(header)).at_pointer("/jwk")).value();
  EXPECT_EQ(jwk.x5c->size(), 2U);
  EXPECT_EQ("{\"typ\":\"JWT\",\"alg\":\"ES256\",\"jwk\":" + json::write(to_json(jwk)) + "}",
            as_text(header));
}

TEST(Jwk, OfASigningKeyHasNoKidAndKeepsLeadingZerosOfCoordinates) {
  // Source  attestation-service.md 10.6: x of the fixture begins with a zero octet.
  const ByteVec x = codec::base64url_decode("ANbJDpVEC_bNPvuKERn1FkQMSuPWEzIQ7Y-kl3K0yEo").value();
  const ByteVec y = codec::base64url_decode("eba_t8dP5Et0TPv0jdtCWba8l78-lTtyJSwWq0q0IQA").value();
  auto key = crypto::PublicKey::from_ec_point(crypto::Curve::p256, x, y).value();
  const Jwk jwk = jwk_for_signatures(std::move(key), SignatureScheme::es256).value();
  EXPECT_EQ(json::write(to_json_set({jwk})),
            R"({"keys":[{"alg":"ES256","kty":"EC","crv":"P-256",)"
            R"("x":"ANbJDpVEC_bNPvuKERn1FkQMSuPWEzIQ7Y-kl3K0yEo",)"
            R"("y":"eba_t8dP5Et0TPv0jdtCWba8l78-lTtyJSwWq0q0IQA"}]})");
}

TEST(Jwk, OfASigningKeyMustFitItsScheme) {
  auto key = parse_jwk(parsed(kRfc7517Ec)).value().key.value();
  EXPECT_TRUE(
      jwk_for_signatures(key, SignatureScheme::es384).error().is(Errc::key_not_for_signatures));
}

TEST(Jwk, RefusesMissingAndMistypedMembers) {
  for (const std::string_view member : {"kty", "crv", "x", "y"}) {
    EXPECT_TRUE(parse_jwk(parsed(without(kRfc7517Ec, member))).error().is(Errc::jwk_malformed))
        << member;
    EXPECT_TRUE(parse_jwk(parsed(with(kRfc7517Ec, member, "5"))).error().is(Errc::jwk_malformed))
        << member;
    EXPECT_TRUE(parse_jwk(parsed(with(kRfc7517Ec, member, "null"))).error().is(Errc::jwk_malformed))
        << member;
  }
  for (const std::string_view member : {"use", "alg", "kid", "x5u", "x5c"}) {
    EXPECT_TRUE(parse_jwk(parsed(with(kRfc7517Ec, member, "7"))).error().is(Errc::jwk_malformed))
        << member;
    EXPECT_TRUE(parse_jwk(parsed(with(kRfc7517Ec, member, "null"))).ok()) << member;
  }
  EXPECT_TRUE(parse_jwk(parsed(with(kRfc7517Ec, "x5c", "[1]"))).error().is(Errc::jwk_malformed));
  EXPECT_TRUE(parse_jwk(parsed("[]")).error().is(Errc::jwk_malformed));
}

TEST(Jwk, RefusesCoordinatesOfAnotherLengthOrOffTheCurve) {
  const std::string short_x =
      with(kRfc7517Ec, "x", R"("oEJM0hwpRIOKLXXJKzfnbqINnwCJOjtO7oo8Cq_sPg")");
  EXPECT_TRUE(parse_jwk(parsed(short_x)).error().is(Errc::jwk_malformed));
  const std::string off = with(kRfc7517Ec, "x", R"("MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D8")");
  EXPECT_TRUE(parse_jwk(parsed(off)).error().is(crypto::Errc::point_not_on_curve));
  const std::string padded =
      with(kRfc7517Ec, "x", R"("MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4=")");
  EXPECT_TRUE(parse_jwk(parsed(padded)).error().is(Errc::jwk_malformed));
}

TEST(Jwk, RefusesTypesAndCurvesItDoesNotKnow) {
  for (const std::string& text :
       {with(kRfc7517Ec, "kty", R"("ec")"), with(kRfc7517Ec, "crv", R"("secp256k1")"),
        with(kRfc8037, "crv", R"("X25519")"), std::string(R"({"kty":"AKP","alg":"ML-DSA-44"})")}) {
    EXPECT_TRUE(parse_jwk(parsed(text)).error().is(Errc::key_type_unsupported)) << text;
  }
}

TEST(Jwk, BoundsItsTextsAndItsCertificates) {
  json::Value jwk = parsed(kRfc7517Ec);
  jwk.as_object()->set("kid", std::string(kMaxJwkText, 'k'));
  EXPECT_TRUE(parse_jwk(jwk).ok());
  jwk.as_object()->set("kid", std::string(kMaxJwkText + 1, 'k'));
  EXPECT_TRUE(parse_jwk(jwk).error().is(Errc::jwk_malformed));
  jwk.as_object()->set("kid", "k");
  jwk.as_object()->set("x5c", json::Array(kMaxX5cEntries, json::Value("AA==")));
  EXPECT_TRUE(parse_jwk(jwk).ok());
  jwk.as_object()->set("x5c", json::Array(kMaxX5cEntries + 1, json::Value("AA==")));
  EXPECT_TRUE(parse_jwk(jwk).error().is(Errc::jwk_malformed));
}

TEST(Jwk, TakesTheSchemeFromAlgOrFromTheKeyAndFromNothingElse) {
  const auto scheme_of = [](std::string_view text) {
    return signature_scheme(parse_jwk(parsed(text)).value());
  };
  EXPECT_EQ(scheme_of(kRfc7517Ec).value(), SignatureScheme::es256);
  EXPECT_EQ(scheme_of(kRfc8037).value(), SignatureScheme::eddsa);
  EXPECT_EQ(scheme_of(without(kRfc7638Rsa, "alg")).value(), SignatureScheme::rs256);
  EXPECT_EQ(scheme_of(with(kRfc7638Rsa, "alg", R"("PS384")")).value(), SignatureScheme::ps384);
  for (const std::string_view alg : {"\"ES384\"", "\"RS256\"", "\"ECDH-ES+A256KW\"", "\"HS256\"",
                                     "\"none\"", "\"es256\"", "\"\""}) {
    EXPECT_TRUE(scheme_of(with(kRfc7517Ec, "alg", alg)).error().is(Errc::key_not_for_signatures))
        << alg;
  }
}

TEST(Jwk, OnP521VerifiesNothing) {
  const json::Value file = json_file("src/jose/testdata/jwk.json");
  for (const json::Value& row : *file.as_array()) {
    if (text_at(row, "/name") != "p521") continue;
    const Jwk jwk = parse_jwk(*row.at_pointer("/jwk")).value();
    EXPECT_TRUE(signature_scheme(jwk).error().is(Errc::key_not_for_signatures));
    return;
  }
  FAIL() << "no P-521 key in the data";
}

TEST(JwkSet, SkipsWhatItDoesNotUnderstandAndKeepsTheRest) {
  const std::string text = R"({"keys":[{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"},)" +
                           std::string(kRfc7517Ec) + R"(,5,{"kty":"lattice"},)" +
                           with(kRfc8037, "kid", R"("1")") + R"(],"other":1})";
  const JwkSet set = JwkSet::parse(text).value();
  ASSERT_EQ(set.keys().size(), 2U);
  ASSERT_EQ(set.skipped().size(), 3U);
  EXPECT_TRUE(set.skipped()[0].is(Errc::key_type_unsupported));
  EXPECT_TRUE(set.skipped()[1].is(Errc::jwk_malformed));
  EXPECT_TRUE(set.skipped()[2].is(Errc::key_type_unsupported));
  EXPECT_EQ(set.find("1"), &set.keys()[0]) << "the first of two";
  EXPECT_EQ(set.find("2"), nullptr);
}

TEST(JwkSet, LoadsAnOctKeyThatNeverVerifies) {
  CASE("KBS-K9");
  const JwkSet set =
      JwkSet::parse(R"({"keys":[{"kty":"oct","alg":"HS256","kid":"a","k":"c2VjcmV0"}]})").value();
  ASSERT_EQ(set.keys().size(), 1U);
  EXPECT_TRUE(signature_scheme(set.keys()[0]).error().is(Errc::key_not_for_signatures));
  EXPECT_EQ(json::write(to_json(set.keys()[0])), R"({"alg":"HS256","kid":"a","kty":"oct"})")
      << "the secret was kept";
  const JwkSet unknown =
      JwkSet::parse(R"({"keys":[{"kty":"oct","alg":"HS1024","kid":"a","k":"c2VjcmV0"}]})").value();
  ASSERT_EQ(unknown.keys().size(), 1U);
  EXPECT_TRUE(signature_scheme(unknown.keys()[0]).error().is(Errc::key_not_for_signatures));
}

TEST(JwkSet, RefusesWhatIsNoSet) {
  for (const std::string_view text :
       {"", "[]", "{}", R"({"keys":{}})", R"({"keys":[)", R"({"keys":[],"keys":[]})"}) {
    EXPECT_TRUE(JwkSet::parse(text).error().is(Errc::jwk_set_malformed)) << text;
  }
}

TEST(JwkSet, IsBounded) {
  const auto of = [](std::size_t entries) {
    std::string text = R"({"keys":[1)";
    for (std::size_t i = 1; i < entries; ++i) {
      text += ",1";
    }
    return text + "]}";
  };
  EXPECT_EQ(JwkSet::parse(of(kMaxJwkSetKeys)).value().skipped().size(), kMaxJwkSetKeys);
  EXPECT_TRUE(JwkSet::parse(of(kMaxJwkSetKeys + 1)).error().is(Errc::jwk_set_too_large));
  std::string text = R"({"keys":[]})";
  text.resize(kMaxJwkSetText, ' ');
  EXPECT_TRUE(JwkSet::parse(text).ok());
  EXPECT_TRUE(JwkSet::parse(text + " ").error().is(Errc::jwk_set_too_large));
}

TEST(JwkSet, FindsTheEarlierKeyAfterAppending) {
  JwkSet set = JwkSet::parse(R"({"keys":[)" + std::string(kRfc7517Ec) + "]}").value();
  set.append(JwkSet::parse(R"({"keys":[)" + with(kRfc8037, "kid", R"("1")") + "," +
                           std::string(kRfc7638Rsa) + ",0]}")
                 .value());
  EXPECT_EQ(set.keys().size(), 3U);
  EXPECT_EQ(set.skipped().size(), 1U);
  EXPECT_EQ(set.find("1")->key->type(), crypto::KeyType::ec);
  EXPECT_EQ(set.find("2011-04-29")->key->type(), crypto::KeyType::rsa);
}

}  // namespace
}  // namespace trustee::jose

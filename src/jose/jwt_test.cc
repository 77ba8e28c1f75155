#include "jose/jwt.h"

#include <gtest/gtest.h>

#include <map>

#include "codec/base64.h"
#include "codec/time.h"
#include "crypto/errors.h"
#include "jose/algorithm.h"
#include "jose/signer.h"
#include "tests/support/transcript.h"

namespace trustee::jose {
namespace {

using crypto::SignatureScheme;

constexpr std::int64_t kNow = 1'795'478'400;  // 2026-11-24
Time now() { return from_unix_seconds(kNow); }

json::Value parsed(std::string_view text) { return json::parse(text).value(); }
Jwk jwk_of(std::string_view text) { return parse_jwk(parsed(text)).value(); }

// Source  RFC 7515 appendix A.3.
constexpr std::string_view kRfc7515Es256Key =
    R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
    R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";
constexpr std::string_view kRfc7515Es256 =
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvb"
    "S9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-"
    "F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJ"
    "qPP3-Kg6NU1Q";
// Source  RFC 7515 appendix A.2.
constexpr std::string_view kRfc7515Rs256Key =
    R"({"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26m)"
    R"(PddxHmfHQp-Vaw)"
    R"(-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wG)"
    R"(zjb_7OMg0LOL-)"
    R"(bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3q)"
    R"(Co5ZwKh9kG4LT)"
    R"(6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"})";
constexpr std::string_view kRfc7515Rs256 =
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvb"
    "S9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__"
    "dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-"
    "0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_"
    "nZLgrnbyTyWzO75vRK5h6xBArLIA"
    "RNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-"
    "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh"
    "6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
// Source  RFC 8037 appendix A.4.
constexpr std::string_view kRfc8037Key =
    R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";
constexpr std::string_view kRfc8037 =
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-"
    "09PGcvMg3A"
    "IbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

/// A fresh Ed25519 key that signs whatever header and payload a test wants.
class Forge {
 public:
  std::string token(std::string_view header, std::string_view payload) const {
    std::string text = codec::base64url_encode(as_bytes(header)) + "." +
                       codec::base64url_encode(as_bytes(payload));
    const ByteVec signature = key_.sign(SignatureScheme::eddsa, as_bytes(text)).value();
    return text + "." + codec::base64url_encode(signature);
  }
  Result<VerifiedClaims> verify(std::string_view token) const {
    auto unverified = UnverifiedToken::parse(token);
    if (!unverified.ok()) return std::move(unverified).error();
    return unverified->verify(key_.public_key(), SignatureScheme::eddsa, now());
  }
  Result<VerifiedClaims> header(std::string_view text) const {
    return verify(token(text, R"({"exp":1795478400})"));
  }
  Result<VerifiedClaims> claims(std::string_view text) const {
    return verify(token(R"({"alg":"EdDSA"})", text));
  }

 private:
  crypto::PrivateKey key_ = crypto::PrivateKey::generate_ed25519().value();
};

TEST(Jws, VerifiesTheExamplesOfTheRfcs) {
  const Time then = from_unix_seconds(1'300'819'380);
  for (const auto& [key, token] :
       {std::pair(kRfc7515Es256Key, kRfc7515Es256), std::pair(kRfc7515Rs256Key, kRfc7515Rs256)}) {
    const auto claims = UnverifiedToken::parse(token).value().verify(jwk_of(key), then);
    ASSERT_TRUE(claims.ok()) << claims.error().to_string();
    EXPECT_EQ(*claims->object().find("iss")->as_string(), "joe");
    EXPECT_EQ(claims->expiry(), then);
    EXPECT_TRUE(UnverifiedToken::parse(token)
                    .value()
                    .verify(jwk_of(key), now())
                    .error()
                    .is(Errc::token_expired));
  }
  const auto payload = UnverifiedToken::parse(kRfc8037).value().verify_signature(
      *jwk_of(kRfc8037Key).key, SignatureScheme::eddsa);
  EXPECT_EQ(as_text(payload.value()), "Example of Ed25519 signing");
}

TEST(Jws, RsaKeysBelow2048BitsVerifyNothing) {
  for (const auto& [bits, is_taken] : {std::pair(1024, false), {2040, false}, {2048, true}}) {
    const auto key = crypto::PrivateKey::generate_rsa(bits).value();
    for (const auto& [scheme, header] : {std::pair(SignatureScheme::rs256, R"({"alg":"RS256"})"),
                                         {SignatureScheme::ps384, R"({"alg":"PS384"})"}}) {
      const std::string text = codec::base64url_encode(as_bytes(std::string_view(header))) + "." +
                               codec::base64url_encode(as_bytes(R"({"exp":1795478400})"));
      const ByteVec signature = key.sign(scheme, as_bytes(text)).value();
      const auto token = UnverifiedToken::parse(text + "." + codec::base64url_encode(signature));
      const auto claims = token->verify(key.public_key(), scheme, now());
      EXPECT_EQ(claims.ok(), is_taken) << bits;
      if (!is_taken) {
        EXPECT_TRUE(claims.error().is(Errc::rsa_key_too_small)) << bits;
      }
    }
  }
}

TEST(Jws, VerifiesWhatJwcryptoSignsAndWithItsOwnSchemeOnly) {
  const json::Value file = json_file("src/jose/testdata/jws.json");
  const json::Array& rows = *file.at_pointer("/tokens")->as_array();
  ASSERT_EQ(rows.size(), 9U);
  for (const json::Value& row : rows) {
    const auto token = UnverifiedToken::parse(text_at(row, "/token")).value();
    EXPECT_EQ(token.header().kid, text_at(row, "/key"));
    EXPECT_EQ(to_string(token.header().scheme), text_at(row, "/alg"));
    for (const json::Value& other : rows) {
      const auto jwk = parse_jwk(*other.at_pointer("/jwk")).value();
      const auto scheme = scheme_from_name(text_at(other, "/alg")).value();
      const auto claims = token.verify(*jwk.key, scheme, from_unix_seconds(1'799'999'999));
      if (&other == &row) {
        ASSERT_TRUE(claims.ok()) << claims.error().to_string();
        EXPECT_EQ(claims->value(), *file.at_pointer("/claims"));
      } else {
        EXPECT_TRUE(claims.error().is(Errc::algorithm_mismatch));
      }
    }
  }
}

TEST(Jws, IsRefusedUnderAnotherKeyOfTheSameKind) {
  auto other = crypto::PrivateKey::generate_ec(crypto::Curve::p256).value();
  EXPECT_TRUE(UnverifiedToken::parse(kRfc7515Es256)
                  .value()
                  .verify(other.public_key(), SignatureScheme::es256, now())
                  .error()
                  .is(crypto::Errc::signature_invalid));
}

TEST(Jws, IsRefusedAfterAnyChangeOfOneCharacter) {
  const Jwk jwk = jwk_of(kRfc7515Es256Key);
  for (std::size_t i = 0; i < kRfc7515Es256.size(); ++i) {
    std::string changed(kRfc7515Es256);
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    const auto token = UnverifiedToken::parse(changed);
    EXPECT_FALSE(token.ok() && token->verify_signature(*jwk.key, SignatureScheme::es256).ok()) << i;
  }
}

TEST(Jws, RefusesAlgorithmsThatNoKeyCanAnswerFor) {
  for (const std::string_view alg :
       {"none", "HS256", "HS384", "HS512", "ES512", "ES256K", "es256", "ML-DSA-44", ""}) {
    const auto claims = Forge().header("{\"alg\":\"" + std::string(alg) + "\"}");
    EXPECT_TRUE(claims.error().is(Errc::algorithm_unsupported)) << alg;
  }
}

// Source  kbs.md 6.3, measured.
TEST(JwsHeader, AcceptsWhatTheReleasedServiceAccepts) {
  const std::string jwk = R"({"kty":"OKP","crv":"Ed25519","use":"enc","odd":[1,{}],)"
                          R"("x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";
  for (const std::string& header :
       {std::string(R"({"alg":"EdDSA"})"), std::string(R"({"typ":null,"alg":"EdDSA"})"),
        std::string(
            R"({"typ":"at+jwt","alg":"EdDSA","cty":"x","jku":"http://h","unknown":"text"})"),
        std::string(R"({"alg":"EdDSA","crit":null,"x5c":null,"cty":null,"jku":null,"jwk":null})"),
        std::string(R"({"alg":"EdDSA","x5c":["AA=="],"x5t":null,"x5u":null,"x5t#S256":null})"),
        R"({"alg":"EdDSA","jwk":)" + jwk + "}"}) {
    EXPECT_TRUE(Forge().header(header).ok()) << header;
  }
}

TEST(JwsHeader, RefusesMembersOfAnotherForm) {
  for (const std::string_view header :
       {R"({})", R"({"alg":5})", R"({"alg":null})", R"({"alg":"EdDSA","kid":5})",
        R"({"alg":"EdDSA","kid":null})", R"({"alg":"EdDSA","unknown":5})",
        R"({"alg":"EdDSA","unknown":null})", R"({"alg":"EdDSA","typ":5})",
        R"({"alg":"EdDSA","b64":false})", R"({"alg":"EdDSA","x5c":"AA=="})",
        R"({"alg":"EdDSA","x5c":[1]})", R"({"alg":"EdDSA","alg":"EdDSA"})", R"([])", R"("EdDSA")",
        R"({"alg":"EdDSA"} x)", ""}) {
    EXPECT_TRUE(Forge().header(header).error().is(Errc::header_malformed)) << header;
  }
  EXPECT_TRUE(Forge().header(R"({"alg":"EdDSA","jwk":{}})").error().is(Errc::jwk_malformed));
  EXPECT_TRUE(Forge()
                  .header(R"({"alg":"EdDSA","jwk":{"kty":"odd"}})")
                  .error()
                  .is(Errc::key_type_unsupported));
}

// Source  RFC 7515 4.1.11: extensions that are not understood make the JWS invalid.
TEST(JwsHeader, RefusesCriticalExtensions) {
  for (const std::string_view crit : {R"(["exp"])", R"([])", R"("b64")", R"(["b64","x"])"}) {
    const std::string header = R"({"alg":"EdDSA","crit":)" + std::string(crit) + "}";
    EXPECT_TRUE(Forge().header(header).error().is(Errc::critical_header)) << crit;
  }
}

TEST(JwsHeader, IsBounded) {
  const auto of = [](std::size_t size) {
    std::string header = R"({"alg":"EdDSA"})";
    header.resize(size, ' ');
    return header;
  };
  EXPECT_TRUE(Forge().header(of(kMaxHeaderSize)).ok());
  EXPECT_TRUE(Forge().header(of(kMaxHeaderSize + 1)).error().is(Errc::header_malformed));
}

TEST(Jws, MustHaveThreePartsOfStrictBase64url) {
  const std::string good = Forge().token(R"({"alg":"EdDSA"})", "{}");
  const std::size_t first = good.find('.');
  const std::size_t last = good.rfind('.');
  for (const std::string& text :
       {std::string(), std::string("."), std::string(".."), good.substr(0, first),
        good.substr(0, last), good.substr(0, last + 1), good + ".", good + ".AA", good + "=",
        good.substr(0, first) + "=" + good.substr(first), " " + good, good + "\n",
        good.substr(0, last + 1) + "A"}) {
    const auto token = UnverifiedToken::parse(text);
    ASSERT_FALSE(token.ok()) << text;
    EXPECT_TRUE(token.error().is(Errc::token_malformed) || token.error().is(Errc::header_malformed))
        << text << token.error().to_string();
  }
}

TEST(Jws, IsBoundedInSize) {
  const Forge forge;
  const auto sized = [&forge](std::size_t size) {
    // The payload is three quarters of its text; the rest of the token has 20 + 1 + 1 + 86 letters.
    std::string payload = R"({"exp":1795478400})";
    payload.resize((size - 108) / 4 * 3, ' ');
    return forge.token(R"({"alg":"EdDSA"})", payload);
  };
  const std::string largest = sized(kMaxTokenSize);
  ASSERT_EQ(largest.size(), kMaxTokenSize);
  EXPECT_TRUE(forge.verify(largest).ok());
  EXPECT_TRUE(UnverifiedToken::parse(largest + "A").error().is(Errc::token_too_large));
  EXPECT_TRUE(UnverifiedToken::parse(kRfc8037, kRfc8037.size()).ok());
  EXPECT_TRUE(
      UnverifiedToken::parse(kRfc8037, kRfc8037.size() - 1).error().is(Errc::token_too_large));
}

TEST(JwtClaims, ExpireSixtySecondsAfterExp) {
  const Forge forge;
  const auto exp = [&forge](std::int64_t seconds_ago) {
    return forge.claims("{\"exp\":" + std::to_string(kNow - seconds_ago) + "}");
  };
  EXPECT_TRUE(exp(-300).ok());
  EXPECT_TRUE(exp(30).ok());
  EXPECT_TRUE(exp(60).ok());
  EXPECT_TRUE(exp(61).error().is(Errc::token_expired));
  EXPECT_TRUE(forge.claims(R"({"exp":0})").error().is(Errc::token_expired));
  EXPECT_TRUE(forge.claims(R"({"exp":-9223372036854775808})").error().is(Errc::token_expired));
  EXPECT_TRUE(forge.claims(R"({"exp":9223372036854775807})").ok());
}

// Source  kbs.md 6.3, measured.
TEST(JwtClaims, NeedAnIntegerExp) {
  const Forge forge;
  for (const std::string_view claims :
       {R"({})", R"({"exp":null})", R"({"exp":"1895478400"})", R"({"exp":1895478400.5})",
        R"({"exp":1895478400.0})", R"({"exp":1e12})", R"({"exp":[1895478400]})",
        R"({"Exp":1895478400})", R"({"exp":18446744073709551616})"}) {
    EXPECT_TRUE(forge.claims(claims).error().is(Errc::expiry_missing)) << claims;
  }
}

TEST(JwtClaims, RefuseRepeatedMembersAndEverythingThatIsNoObject) {
  const Forge forge;
  for (const std::string_view claims :
       {R"({"exp":1895478400,"exp":1895478400})", R"({"exp":1895478400,"a":{"b":1,"b":2}})", "",
        "[]", "null", R"({"exp":1895478400} {})", "{\"exp\":1895478400,\"a\":\"\xff\"}"}) {
    EXPECT_TRUE(forge.claims(claims).error().is(Errc::claims_malformed)) << claims;
  }
}

TEST(JwtClaims, MayHaveAnyOtherMemberOfAnyType) {
  const auto claims =
      Forge().claims(R"({"exp":1895478400,"iat":"x","nbf":9895478400,"iss":1,"aud":{},"sub":[]})");
  ASSERT_TRUE(claims.ok());
  EXPECT_EQ(claims->object().size(), 6U);
}

// Expected: what the released server answered to each of these tokens, recorded.
TEST(JwtClaims, AreJudgedAsTheReleasedServerJudgesThem) {
  std::map<std::string, bool> verdicts;
  const auto public_key =
      crypto::PrivateKey::from_pem(SecretText(file_text("tests/transcripts/keys/token.key")))
          .value()
          .public_key();
  for (const std::string scenario : {"03-passport"}) {
    const std::string at = recorded_at(scenario);
    const Time then = codec::parse_rfc3339_seconds(at).value();
    for (const Exchange& e : recorded_exchanges(scenario)) {
      if (e.method != "GET" || !e.authorization.has_value()) continue;
      const auto token = UnverifiedToken::parse(e.authorization->substr(7));
      const bool accepted = token.ok() && token->header().jwk.has_value() &&
                            *token->header().jwk->key == public_key &&
                            token->verify(*token->header().jwk, then).ok();
      EXPECT_EQ(accepted, e.status == 200) << e.note;
      verdicts[e.note] = accepted;
    }
  }
  EXPECT_EQ(verdicts.size(), 9U);
}

TEST(Signer, MakesTokensThatVerify) {
  const auto key = crypto::PrivateKey::generate_ec(crypto::Curve::p256).value();
  const Jwk jwk = jwk_for_signatures(key.public_key(), SignatureScheme::es256).value();
  const std::string header = header_with_jwk(jwk).value();
  EXPECT_EQ(header, R"({"typ":"JWT","alg":"ES256","jwk":)" + json::write(to_json(jwk)) + "}");
  const Signer signer = Signer::create(key, SignatureScheme::es256, header).value();
  const std::string token = signer.sign(as_bytes(R"({"exp":1895478400})")).value();
  EXPECT_EQ(as_text(codec::base64url_decode(token.substr(0, token.find('.'))).value()), header);
  const auto claims = UnverifiedToken::parse(token).value().verify(jwk, now());
  ASSERT_TRUE(claims.ok());
  EXPECT_EQ(json::write(claims->value()), R"({"exp":1895478400})");
}

// Source  RFC 8037 appendix A.1 and A.4: Ed25519 signatures have one value only.
TEST(Signer, MakesTheSignatureOfRfc8037) {
  const auto key = crypto::PrivateKey::from_pem(
      SecretText(std::string("-----BEGIN PRIVATE KEY-----\n"
                             "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
                             "-----END PRIVATE KEY-----\n")));
  ASSERT_TRUE(key.ok());
  const auto signer = Signer::create(*key, SignatureScheme::eddsa, R"({"alg":"EdDSA"})").value();
  EXPECT_EQ(signer.sign(as_bytes("Example of Ed25519 signing")).value(), kRfc8037);
}

TEST(Signer, RefusesHeadersThatDoNotFitTheKey) {
  const auto key = crypto::PrivateKey::generate_ed25519().value();
  const auto code = [&key](std::string_view header, SignatureScheme scheme) {
    return Signer::create(key, scheme, header).error();
  };
  EXPECT_TRUE(code(R"({"alg":"ES256"})", SignatureScheme::eddsa).is(Errc::algorithm_mismatch));
  EXPECT_TRUE(code(R"({"alg":"ES256"})", SignatureScheme::es256).is(Errc::key_not_for_signatures));
  EXPECT_TRUE(code(R"({"typ":"JWT"})", SignatureScheme::eddsa).is(Errc::header_malformed));
}

TEST(UnverifiedValidity, ReadsTheTimesOfATokenWithoutItsKey) {
  const Forge forge;
  const auto of = [&forge](std::string_view claims) {
    return unverified_validity(forge.token(R"({"alg":"EdDSA"})", claims));
  };
  EXPECT_EQ(of(R"({"exp":7,"nbf":5})")->expiry, 7);
  EXPECT_EQ(of(R"({"exp":7,"nbf":5})")->not_before, 5);
  EXPECT_EQ(of(R"({"exp":7.5})")->expiry, std::nullopt);
  EXPECT_TRUE(of("[]").error().is(Errc::claims_malformed));
  EXPECT_TRUE(unverified_validity("a.b").error().is(Errc::token_malformed));
}

TEST(UnverifiedValidity, RefusesATokenOfWhichAnyPartIsMalformed) {
  const std::string claims = codec::base64url_encode(as_bytes(R"({"exp":7})"));
  const auto code = [](const std::string& token) {
    const auto validity = unverified_validity(token);
    return validity.ok() ? std::string("ok") : validity.error().code().id();
  };
  EXPECT_EQ(code("e30." + claims + ".AAAA"), "ok");
  for (const char* signature : {"", "!", "A", "AAAA=", "AB"}) {
    EXPECT_EQ(code("e30." + claims + '.' + signature), "jose.token_malformed") << signature;
  }
  for (const char* header : {"", "!", "e", "e30="}) {
    EXPECT_EQ(code(header + ('.' + claims) + ".AAAA"), "jose.token_malformed") << header;
  }
}

}  // namespace
}  // namespace trustee::jose

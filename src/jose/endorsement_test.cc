#include "jose/endorsement.h"

#include <gtest/gtest.h>

#include "codec/base64.h"
#include "codec/time.h"
#include "crypto/errors.h"
#include "jose/jwt.h"
#include "tests/support/case.h"
#include "tests/support/transcript.h"

namespace trustee::jose {
namespace {

using Names = std::vector<std::string>;

/// Keys and certificates that python3-cryptography made: root signs int-a, int-a signs int-b; the
/// decoy is another root of the same name.
class Endorsement : public ::testing::Test {
 protected:
  Jwk key(const std::string& name, const Names& x5c) const {
    Jwk jwk = parse_jwk(*data_.at_pointer("/jwk/" + name)).value();
    jwk.x5c.emplace();
    for (const std::string& certificate : x5c) {
      jwk.x5c->push_back(text_at(data_, "/der/" + certificate));
    }
    return jwk;
  }
  std::vector<crypto::Certificate> trust(const Names& names) const {
    std::vector<crypto::Certificate> out;
    for (const std::string& name : names) {
      const ByteVec der = codec::base64_decode(text_at(data_, "/der/" + name)).value();
      out.push_back(crypto::Certificate::from_der(der).value());
    }
    return out;
  }
  Result<void> endorse(const Jwk& jwk, const Names& roots) const {
    const auto now = data_.at_pointer("/now")->as_number()->as_i64();
    return endorse_header_jwk(jwk, trust(roots), from_unix_seconds(now.value()));
  }

 private:
  json::Value data_ = json_file("src/jose/testdata/endorsement.json");
};

TEST_F(Endorsement, AcceptsALeafOfTheRootAndOneOverAnIntermediate) {
  CASE("KBS-K5");
  EXPECT_TRUE(endorse(key("leaf", {"leaf-of-root"}), {"root"}).ok());
  EXPECT_TRUE(endorse(key("leaf", {"leaf-of-int-a", "int-a"}), {"root"}).ok());
}

TEST_F(Endorsement, RefusesAnotherKeyNoCertificatesAndAnotherRoot) {
  CASE("KBS-K6");
  EXPECT_TRUE(
      endorse(key("root", {"leaf-of-root"}), {"root"}).error().is(Errc::endorsement_key_mismatch));
  Jwk bare = key("leaf", {});
  EXPECT_TRUE(endorse(bare, {"root"}).error().is(Errc::endorsement_missing));
  bare.x5c.reset();
  EXPECT_TRUE(endorse(bare, {"root"}).error().is(Errc::endorsement_missing));
  EXPECT_TRUE(
      endorse(key("leaf", {"leaf-of-root"}), {"decoy"}).error().is(crypto::Errc::chain_broken));
}

TEST_F(Endorsement, FindsTheChainInAnyOrderAndPastADecoyRoot) {
  CASE("KBS-K7");
  EXPECT_TRUE(endorse(key("leaf", {"leaf-of-int-b", "int-a", "int-b"}), {"decoy", "root"}).ok());
  EXPECT_TRUE(
      endorse(key("leaf", {"leaf-of-int-b", "int-a", "int-b", "decoy"}), {"decoy", "root"}).ok());
}

TEST_F(Endorsement, NeedsTheIntermediateAndASelfSignedRoot) {
  EXPECT_TRUE(
      endorse(key("leaf", {"leaf-of-int-a"}), {"root"}).error().is(crypto::Errc::chain_broken));
  EXPECT_TRUE(endorse(key("leaf", {"leaf-of-int-a", "int-a"}), {"int-a"})
                  .error()
                  .is(crypto::Errc::chain_broken));
}

TEST_F(Endorsement, LooksAtTheDates) {
  EXPECT_TRUE(endorse(key("leaf", {"expired-leaf"}), {"root"})
                  .error()
                  .is(crypto::Errc::certificate_expired));
}

TEST_F(Endorsement, IsForRsaAndP256KeysOnly) {
  EXPECT_TRUE(endorse(key("p384", {"p384-leaf"}), {"root"}).error().is(Errc::endorsement_key_type));
  Jwk oct = key("leaf", {"leaf-of-root"});
  oct.key.reset();
  EXPECT_TRUE(endorse(oct, {"root"}).error().is(Errc::endorsement_key_type));
}

TEST_F(Endorsement, NeedsSomeTrustedCertificate) {
  EXPECT_TRUE(endorse(key("leaf", {"leaf-of-root"}), {}).error().is(Errc::no_trusted_certificates));
}

TEST_F(Endorsement, ReadsUrlSafeTextAndLineBreaks) {
  Jwk jwk = key("leaf", {"leaf-of-root"});
  std::string& entry = jwk.x5c->front();
  const ByteVec der = codec::base64_decode(entry).value();
  entry.insert(64, "\r\n");
  entry += "\n";
  EXPECT_TRUE(endorse(jwk, {"root"}).ok());
  entry = codec::base64url_encode(der);
  EXPECT_TRUE(endorse(jwk, {"root"}).ok());
}

TEST_F(Endorsement, RefusesMalformedEntriesAndTooMany) {
  for (const std::string_view bad : {"", "AA==", "not base64", "MIIB"}) {
    Jwk jwk = key("leaf", {"leaf-of-root"});
    jwk.x5c->emplace_back(bad);
    EXPECT_TRUE(endorse(jwk, {"root"}).error().is(Errc::endorsement_malformed)) << bad;
  }
  Jwk jwk = key("leaf", Names(kMaxX5cEntries, "leaf-of-root"));
  EXPECT_TRUE(endorse(jwk, {"root"}).ok());
  jwk.x5c->push_back(jwk.x5c->front());
  EXPECT_TRUE(endorse(jwk, {"root"}).error().is(Errc::endorsement_malformed));
}

// Expected: the released server accepted this token with this certificate file.
TEST(RecordedEndorsement, HoldsForATokenOfTheReleasedService) {
  const auto response = json::parse(recorded_exchanges("01-attest").at(1).response_body).value();
  const auto token = UnverifiedToken::parse(text_at(response, "/token")).value();
  const auto roots =
      crypto::Certificate::bundle_from_pem(file_text("tests/transcripts/keys/ca-cert.pem")).value();
  const Time then = codec::parse_rfc3339_seconds(recorded_at("01-attest")).value();
  EXPECT_TRUE(endorse_header_jwk(*token.header().jwk, roots, then).ok());
  EXPECT_TRUE(token.verify(*token.header().jwk, then).ok());
}

}  // namespace
}  // namespace trustee::jose

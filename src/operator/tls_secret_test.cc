#include "operator/tls_secret.h"

#include <gtest/gtest.h>

#include "codec/time.h"
#include "operator/errors.h"
#include "operator/operator_testdata.h"
#include "tests/support/case.h"

namespace trustee::operators {
namespace {

Time at(std::string_view when) { return codec::parse_rfc3339_seconds(when).value(); }
const std::string kNow = "2026-03-01T00:00:00Z";

Result<CheckedTls> check(const json::Object& secret, TlsUse use = TlsUse::https,
                         std::string_view when = kNow) {
  return check_tls_secret(&secret, "src", use, at(when));
}
json::Object pair_of(const std::string& key, const std::string& cert) {
  return tls_secret("src", testdata(key + ".key"), testdata(cert + ".crt"));
}

TEST(TlsSecret, of_cert_manager_is_taken) {
  CASE("OP-32");
  const auto checked = check(pair_of("https", "https"));
  ASSERT_TRUE(checked.ok()) << checked.error().to_string();
  EXPECT_EQ(checked->key, testdata("https.key"));
  EXPECT_EQ(checked->cert, testdata("https.crt"));
  EXPECT_EQ(checked->not_after, at("2026-07-01T00:00:00Z"));
  EXPECT_TRUE(checked->names_service);
}

TEST(TlsSecret, is_told_apart_by_the_name_in_its_certificate) {
  EXPECT_TRUE(check(pair_of("https-renewed", "https-renewed"))->names_service);
  EXPECT_FALSE(check(pair_of("https-route", "https-route"))->names_service);
  EXPECT_FALSE(check(pair_of("https-no-names", "https-no-names"))->names_service);
}

TEST(TlsSecret, of_the_wrong_type_is_named_with_its_type) {
  CASE("OP-31");
  auto secret = pair_of("https", "https");
  secret.set("type", "Opaque");
  const auto checked = check(secret);
  ASSERT_FALSE(checked.ok());
  EXPECT_TRUE(checked.error().is(Errc::secret_wrong_type));
  EXPECT_EQ(checked.error().detail(), "secret src is not of type kubernetes.io/tls, got Opaque");
}

TEST(TlsSecret, without_a_key_names_it) {
  auto secret = pair_of("https", "https");
  secret.find("data")->as_object()->remove("tls.crt");
  EXPECT_EQ(check(secret).error().detail(), "tls.crt not found in TLS secret src");
  secret.find("data")->as_object()->remove("tls.key");
  EXPECT_EQ(check(secret).error().detail(), "tls.key not found in TLS secret src");
  EXPECT_TRUE(check(secret).error().is(Errc::secret_key_missing));
}

struct Bad {
  json::Object secret;
  TlsUse use;
  std::string when;
  Errc code;
};

TEST(TlsSecret, that_could_not_serve_is_refused_with_its_code) {
  auto no_base64 = pair_of("https", "https");
  no_base64.find("data")->as_object()->set("tls.key", "!");
  const std::string key = testdata("https.key");
  const std::string cert = testdata("https.crt");
  const Bad bads[] = {
      {no_base64, TlsUse::https, kNow, Errc::secret_data_malformed},
      {tls_secret("src", key, "no pem"), TlsUse::https, kNow, Errc::certificate_unreadable},
      {tls_secret("src", cert, cert), TlsUse::https, kNow, Errc::private_key_unreadable},
      {pair_of("https-route", "https"), TlsUse::https, kNow, Errc::key_pair_mismatch},
      {pair_of("token", "https"), TlsUse::https, kNow, Errc::key_pair_mismatch},
      {pair_of("https", "https"), TlsUse::https, "2026-07-01T00:00:01Z",
       Errc::certificate_not_in_force},
      {pair_of("https", "https"), TlsUse::https, "2025-12-31T23:59:59Z",
       Errc::certificate_not_in_force},
      {pair_of("token-p384", "token-p384"), TlsUse::token, kNow, Errc::token_key_not_p256},
      {pair_of("https", "https"), TlsUse::token, kNow, Errc::token_key_not_p256},
  };
  for (const auto& bad : bads) {
    const auto checked = check(bad.secret, bad.use, bad.when);
    ASSERT_FALSE(checked.ok()) << Code(bad.code).id();
    EXPECT_EQ(checked.error().code(), Code(bad.code)) << checked.error().to_string();
  }
}

TEST(TlsSecret, of_a_token_key_on_p256_is_taken_without_any_name) {
  CASE("OP-33");
  EXPECT_TRUE(check(pair_of("token", "token"), TlsUse::token).ok());
}

TEST(TlsSecret, that_is_not_there_is_missing) {
  const auto checked = check_tls_secret(nullptr, "src", TlsUse::https, at(kNow));
  ASSERT_FALSE(checked.ok());
  EXPECT_TRUE(checked.error().is(Errc::secret_missing));
}

}  // namespace
}  // namespace trustee::operators

#include "operator/tls_settings.h"

#include <gtest/gtest.h>

#include "operator/cipher_names.h"
#include "operator/errors.h"
#include "operator/operator_testdata.h"
#include "tests/support/case.h"

// Expected names: RFC 5246, 5289, 7905 against `openssl ciphers -stdname` of OpenSSL 3.0.

namespace trustee::operators {
namespace {

using Keys = std::vector<std::pair<std::string, std::string>>;

Result<TlsSettings> settings(std::string_view json) {
  const auto object = object_of_text(json);
  return read_tls_settings(&object);
}

TEST(CipherNames, of_tls_1_3_and_of_openssl_stay) {
  CASE("OP-17");
  EXPECT_EQ(openssl_cipher_name("TLS_AES_128_GCM_SHA256"), "TLS_AES_128_GCM_SHA256");
  EXPECT_EQ(openssl_cipher_name("TLS_CHACHA20_POLY1305_SHA256"), "TLS_CHACHA20_POLY1305_SHA256");
  EXPECT_EQ(openssl_cipher_name("ECDHE-RSA-AES128-GCM-SHA256"), "ECDHE-RSA-AES128-GCM-SHA256");
}

TEST(CipherNames, glue_sizes_and_keep_the_key_exchange) {
  CASE("OP-20");
  EXPECT_EQ(openssl_cipher_name("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"),
            "ECDHE-ECDSA-AES256-GCM-SHA384");
  EXPECT_EQ(openssl_cipher_name("TLS_PSK_WITH_AES_128_GCM_SHA256"), "PSK-AES128-GCM-SHA256");
  EXPECT_EQ(openssl_cipher_name("TLS_DHE_RSA_WITH_AES_128_CCM_8"), "DHE-RSA-AES128-CCM8");
}

TEST(CipherNames, of_chacha20_drop_the_digest) {
  CASE("OP-21");
  EXPECT_EQ(openssl_cipher_name("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
            "ECDHE-RSA-CHACHA20-POLY1305");
  EXPECT_EQ(openssl_cipher_name("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"),
            "ECDHE-ECDSA-CHACHA20-POLY1305");
  EXPECT_EQ(openssl_cipher_name("TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
            "DHE-RSA-CHACHA20-POLY1305");
}

TEST(CipherNames, of_plain_rsa_have_no_prefix) {
  CASE("OP-22");
  EXPECT_EQ(openssl_cipher_name("TLS_RSA_WITH_AES_128_CBC_SHA"), "AES128-SHA");
  EXPECT_EQ(openssl_cipher_name("TLS_RSA_WITH_AES_256_CBC_SHA256"), "AES256-SHA256");
  EXPECT_EQ(openssl_cipher_name("TLS_RSA_WITH_AES_256_GCM_SHA384"), "AES256-GCM-SHA384");
  EXPECT_EQ(openssl_cipher_name("TLS_RSA_WITH_3DES_EDE_CBC_SHA"), "DES-CBC3-SHA");
  EXPECT_EQ(openssl_cipher_name("TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA"), "ECDHE-RSA-DES-CBC3-SHA");
}

TEST(CipherNames, of_cbc_do_not_say_so) {
  CASE("OP-23");
  EXPECT_EQ(openssl_cipher_name("TLS_DHE_RSA_WITH_AES_128_CBC_SHA"), "DHE-RSA-AES128-SHA");
  EXPECT_EQ(openssl_cipher_name("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"),
            "ECDHE-RSA-AES128-SHA256");
  EXPECT_EQ(openssl_cipher_name("TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384"),
            "ECDHE-ECDSA-AES256-SHA384");
}

TEST(TlsSettings, are_intermediate_without_a_word) {
  EXPECT_EQ(read_tls_settings(nullptr)->keys, (Keys{{"tls_profile", "intermediate"}}));
  EXPECT_EQ(settings("{}")->keys, (Keys{{"tls_profile", "intermediate"}}));
}

TEST(TlsSettings, of_a_custom_profile_list_openssl_names) {
  CASE("OP-17");
  const auto read = settings(R"({"profile":"custom","minVersion":"1.2","maxVersion":"1.3",
      "ciphers":["TLS_AES_128_GCM_SHA256","TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"],
      "groups":["x25519","secp256r1"]})");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->keys, (Keys{{"tls_profile", "custom"},
                              {"tls_min_version", "1.2"},
                              {"tls_max_version", "1.3"},
                              {"tls_ciphers", "TLS_AES_128_GCM_SHA256:ECDHE-RSA-AES128-GCM-SHA256"},
                              {"tls_groups", "x25519:secp256r1"}}));
}

TEST(TlsSettings, of_a_custom_profile_say_only_what_was_given) {
  CASE("OP-18");
  CASE("OP-24");
  EXPECT_EQ(settings(R"({"profile":"custom","minVersion":"1.3","ciphers":[]})")->keys,
            (Keys{{"tls_profile", "custom"}, {"tls_min_version", "1.3"}}));
}

TEST(TlsSettings, of_a_named_profile_ignore_the_rest) {
  CASE("OP-19");
  EXPECT_EQ(settings(R"({"profile":"intermediate","minVersion":"1.3",
                         "ciphers":["TLS_AES_128_GCM_SHA256"]})")
                ->keys,
            (Keys{{"tls_profile", "intermediate"}}));
}

TEST(TlsSettings, that_the_server_would_not_take_are_refused) {
  for (const std::string_view bad :
       {R"({"profile":"foo"})", R"({"profile":"custom","minVersion":"1.1"})",
        R"({"profile":"custom","maxVersion":"1.0"})",
        R"({"profile":"custom","minVersion":"1.3","maxVersion":"1.2"})",
        R"({"profile":"custom","ciphers":["A\"\nadmin = 1"]})",
        R"({"profile":"custom","groups":["x25519:secp256r1"]})",
        R"({"profile":"custom","groups":[""]})"}) {
    const auto read = settings(bad);
    ASSERT_FALSE(read.ok()) << bad;
    EXPECT_TRUE(read.error().is(Errc::tls_settings_invalid)) << bad;
  }
}

TEST(TlsSettings, are_written_as_a_block_with_a_comment) {
  EXPECT_EQ(tls_block({"modern", {{"tls_profile", "modern"}}}),
            "\n# TLS configuration - Mozilla modern profile\n\ntls_profile = \"modern\"\n");
}

TEST(TlsKeys, are_five) {
  CASE("OP-29");
  for (const auto key : {"worker_count", "[admin]", "insecure_http", "tls_profile2", ""}) {
    EXPECT_FALSE(is_tls_key(key)) << key;
  }
  for (const auto key :
       {"tls_profile", "tls_min_version", "tls_max_version", "tls_ciphers", "tls_groups"}) {
    EXPECT_TRUE(is_tls_key(key)) << key;
  }
}

}  // namespace
}  // namespace trustee::operators

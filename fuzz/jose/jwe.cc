// Reads a flattened JWE, decrypts it with fixed keys, writes it and reads it again.
#include "jose/jwe.h"
#include "base/check.h"

namespace {

using namespace trustee;

const crypto::PrivateKey& p256() {
  static const auto key =
      crypto::PrivateKey::from_pem(
          SecretText(
              std::string("-----BEGIN PRIVATE KEY-----\n"
                          "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgQ0pfw21sK0IX94Aw\n"
                          "rqKF6OXP7LXGqeGvgZD2xsHyls6hRANCAAQ6G28hw08+Aif4rKFlBoWD3SQ1Yyic\n"
                          "9y1p6ivmedep+hxb526A6s7eJVlJdixGxePUidd4eubMAl/h9iVa0uXq\n"
                          "-----END PRIVATE KEY-----\n")))
          .value();
  return key;
}

const crypto::PrivateKey& rsa() {
  static const auto key = crypto::PrivateKey::generate_rsa(1024).value();
  return key;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto jwe = jose::parse_jwe(as_text({data, size}));
  if (!jwe.ok()) return 0;
  (void)jose::decrypt(*jwe, p256(), jose::KeyWrap::ecdh_es_a256kw);
  (void)jose::decrypt(*jwe, rsa(), jose::KeyWrap::rsa_oaep_256);
  (void)jose::decrypt(*jwe, rsa(), jose::KeyWrap::rsa1_5);
  const std::string text = jose::to_json_text(*jwe);
  const auto again = jose::parse_jwe(text);
  // `protected` is kept as received; only when it needs no escape is it written as it is.
  if (again.ok()) TRUSTEE_CHECK(again->sealed == jwe->sealed && again->iv == jwe->iv);
  return 0;
}

// Encrypts, decrypts, signs and verifies for the comparison with another implementation:
//   jose_tool encrypt ALG < {"key": {tee-pubkey}, "plaintext": "…"}      prints the JWE
//   jose_tool decrypt ALG < {"pem": "…", "jwe": {…}}                     prints the plaintext
//   jose_tool sign ALG    < {"pem": "…", "payload": "…"}                 prints the token
//   jose_tool verify      < {"jwk": {…}, "token": "…", "now": seconds}   prints the claims
// Status 1, with the error on standard error, when the library refuses.
#include <cstdio>
#include <iostream>
#include <iterator>
#include <string>

#include "base/try.h"
#include "codec/json.h"
#include "jose/jwe.h"
#include "jose/jwt.h"
#include "jose/signer.h"
#include "tests/support/secret_access.h"

namespace trustee {
namespace {

Result<std::string> encrypt(const json::Object& input, std::string_view alg) {
  TRY(const json::Value* const key, json::member(input, "key"));
  TRY(const std::string* const plaintext, json::string_member(input, "plaintext"));
  TRY(const jose::Jwk jwk, jose::parse_jwk(*key));
  TRY(const auto recipient, jose::Recipient::create(*jwk.key, alg, {.rsa1_5 = true}));
  TRY(const jose::Jwe jwe, recipient.encrypt(secret_copy(as_bytes(*plaintext))));
  return jose::to_json_text(jwe);
}

Result<std::string> decrypt(const json::Object& input, std::string_view alg) {
  TRY(const std::string* const pem, json::string_member(input, "pem"));
  TRY(const json::Value* const message, json::member(input, "jwe"));
  TRY(const auto key, crypto::PrivateKey::from_pem(SecretText(std::string(*pem))));
  TRY(const jose::Jwe jwe, jose::parse_jwe(json::write(*message)));
  TRY(const SecretBytes plaintext, jose::decrypt(jwe, key, jose::key_wrap_from_name(alg).value()));
  return std::string(as_text(plaintext.reveal(SecretAccessForTest::key())));
}

Result<std::string> sign(const json::Object& input, std::string_view alg) {
  TRY(const std::string* const pem, json::string_member(input, "pem"));
  TRY(const std::string* const payload, json::string_member(input, "payload"));
  TRY(const auto key, crypto::PrivateKey::from_pem(SecretText(std::string(*pem))));
  const auto scheme = jose::scheme_from_name(alg).value();
  TRY(const jose::Jwk jwk, jose::jwk_for_signatures(key.public_key(), scheme));
  TRY(const std::string header, jose::header_with_jwk(jwk));
  TRY(const jose::Signer signer, jose::Signer::create(key, scheme, header));
  return signer.sign(as_bytes(*payload));
}

Result<std::string> verify(const json::Object& input) {
  TRY(const json::Value* const key, json::member(input, "jwk"));
  TRY(const std::string* const text, json::string_member(input, "token"));
  TRY(const std::int64_t now, json::i64_member(input, "now"));
  TRY(const jose::Jwk jwk, jose::parse_jwk(*key));
  TRY(const auto token, jose::UnverifiedToken::parse(*text));
  TRY(const auto claims, token.verify(jwk, from_unix_seconds(now)));
  return json::write(claims.value());
}

Result<std::string> run(std::string_view verb, std::string_view alg, std::string_view text) {
  TRY(const json::Value document, json::parse(text));
  TRY(const json::Object* const input, json::object_of(document, "input"));
  if (verb == "encrypt") return encrypt(*input, alg);
  if (verb == "decrypt") return decrypt(*input, alg);
  if (verb == "sign") return sign(*input, alg);
  return verify(*input);
}

}  // namespace
}  // namespace trustee

int main(int argc, char** argv) {
  const std::string input{std::istreambuf_iterator<char>(std::cin), {}};
  const auto output = trustee::run(argc > 1 ? argv[1] : "", argc > 2 ? argv[2] : "", input);
  if (!output.ok()) {
    std::cerr << output.error().to_string() << "\n";
    return 1;
  }
  std::cout << *output;
  return 0;
}

#include "client/tee_key.h"

#include "base/try.h"
#include "client/errors.h"
#include "codec/printable.h"
#include "jose/errors.h"
#include "jose/jwe.h"

namespace trustee::client {
namespace {

// The words of the released client where users know them (transcript 03).
std::string complaint(const Error& cause, jose::KeyWrap wrap) {
  if (cause.is(jose::Errc::jwe_algorithm_mismatch)) {
    return wrap == jose::KeyWrap::ecdh_es_a256kw ? "Unmatched key. Must be RSA key"
                                                 : "Unmatched key. Must be EC key";
  }
  return codec::printable(cause.to_string());
}

}  // namespace

Result<TeeKey> TeeKey::from_key(crypto::PrivateKey key) {
  const bool rsa = key.type() == crypto::KeyType::rsa;
  const auto wrap = rsa ? jose::KeyWrap::rsa_oaep_256 : jose::KeyWrap::ecdh_es_a256kw;
  auto announced = rcar::announce(key.public_key(), wrap);
  if (!announced.ok()) {
    return Error(Errc::key_unsupported, std::string(Code(Errc::key_unsupported).text()) +
                                            "\n\nCaused by:\n    " + announced.error().to_string());
  }
  return TeeKey(std::move(key), wrap, std::move(*announced));
}

Result<TeeKey> TeeKey::generate() {
  TRY(crypto::PrivateKey key, crypto::PrivateKey::generate_ec(crypto::Curve::p256));
  return from_key(std::move(key));
}

Result<TeeKey> TeeKey::from_pem(const SecretText& pem) {
  auto key = crypto::PrivateKey::from_pem(pem);
  if (!key.ok()) return Errc::key_unsupported;
  return from_key(std::move(*key));
}

Result<SecretBytes> TeeKey::open(std::string_view jwe_text) const {
  const auto jwe = jose::parse_jwe(jwe_text);
  if (!jwe.ok()) return Error(Errc::answer_malformed, codec::printable(jwe.error().to_string()));
  auto plain = jose::decrypt(*jwe, key_, wrap_);
  if (!plain.ok()) {
    return Error(Errc::decrypt_failed,
                 "decrypt KBS response body failed: " + complaint(plain.error(), wrap_));
  }
  return plain;
}

}  // namespace trustee::client

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/try.h"
#include "codec/base64.h"
#include "crypto/errors.h"
#include "crypto/random.h"
#include "crypto/symmetric.h"
#include "jose/internal/ephemeral.h"
#include "jose/jwe.h"
#include "jose/jwk.h"

namespace trustee::jose {
namespace {

constexpr std::size_t kContentKeySize = 32;
constexpr std::size_t kWrappedKeySize = 40;  // RFC 3394: eight bytes more

// Members that change how the message is to be read and that we do not implement.
constexpr std::array<std::string_view, 4> kNotHonoured = {"crit", "zip", "apu", "apv"};

Result<json::Value> parse_header(const Jwe& jwe) {
  if (jwe.protected_text.size() > kMaxProtectedText) return Errc::jwe_malformed;
  auto bytes = codec::base64url_decode(jwe.protected_text);
  if (!bytes.ok()) return Error(Errc::jwe_malformed, "protected is not base64url");
  auto header = json::parse(as_text(*bytes), json::Duplicates::refuse,
                            {.bytes = kMaxProtectedText, .depth = 8, .values = 256});
  if (!header.ok()) return Error(Errc::jwe_malformed, header.error().to_string());
  if (header->as_object() == nullptr) return Error(Errc::jwe_malformed, "header is no object");
  return std::move(header).value();
}

bool says(const json::Object& header, std::string_view name, std::string_view text) {
  const json::Value* const value = header.find(name);
  return value != nullptr && value->as_string() != nullptr && *value->as_string() == text;
}

Result<void> check_algorithm(const json::Object& header, KeyWrap wrap) {
  if (!says(header, "alg", to_string(wrap))) return Errc::jwe_algorithm_mismatch;
  return {};
}

Result<void> check_content_encryption(const json::Object& header) {
  if (!says(header, "enc", "A256GCM")) return Errc::content_encryption_unsupported;
  return {};
}

Result<void> check_header_is_honoured(const json::Object& header) {
  for (const std::string_view name : kNotHonoured) {
    if (header.contains(name)) return Error(Errc::jwe_header_unsupported, std::string(name));
  }
  return {};
}

/// The ephemeral key, which must lie on the curve of ours.
Result<crypto::PublicKey> ephemeral_key(const json::Object& header, const crypto::PublicKey& own) {
  TRY(const std::string_view curve, agreement_curve_name(own));
  const json::Value* const epk = header.find("epk");
  const json::Object* const object = epk == nullptr ? nullptr : epk->as_object();
  if (object == nullptr) return Error(Errc::jwe_malformed, "no epk");
  if (!says(*object, "kty", "EC") || !says(*object, "crv", curve)) {
    return Errc::ephemeral_key_mismatch;
  }
  TRY(const Jwk jwk, parse_jwk(*epk));
  return *jwk.key;
}

Result<SecretBytes> unwrap_by_agreement(const Jwe& jwe, const json::Object& header,
                                        const crypto::PrivateKey& key) {
  TRY(const crypto::PublicKey ephemeral, ephemeral_key(header, key.public_key()));
  if (jwe.encrypted_key.size() != kWrappedKeySize) return Errc::encrypted_key_length;
  TRY(const SecretBytes wrapping_key, agreed_key(key, ephemeral));
  return crypto::aes_key_unwrap(wrapping_key, jwe.encrypted_key);
}

Result<void> check_rsa_length(const Jwe& jwe, const crypto::PrivateKey& key) {
  if (key.type() != crypto::KeyType::rsa) return Errc::jwe_algorithm_mismatch;
  if (jwe.encrypted_key.size() != (key.public_key().bits() + 7) / 8) {
    return Errc::encrypted_key_length;
  }
  return {};
}

/// Source: RFC 7516 section 11.5. Whatever is wrong with the padding shows as a wrong key later.
SecretBytes unwrap_pkcs1(const Jwe& jwe, const crypto::PrivateKey& key) {
  SecretBytes instead = crypto::random_secret(kContentKeySize);
  Result<SecretBytes> content_key = key.rsa_pkcs1_decrypt(jwe.encrypted_key);
  if (!content_key.ok() || content_key->size() != kContentKeySize) return instead;
  return std::move(content_key).value();
}

Result<SecretBytes> unwrap(const Jwe& jwe, const json::Object& header,
                           const crypto::PrivateKey& key, KeyWrap wrap) {
  switch (wrap) {
    case KeyWrap::ecdh_es_a256kw:
      return unwrap_by_agreement(jwe, header, key);
    case KeyWrap::rsa_oaep_256:
      TRY_VOID(check_rsa_length(jwe, key));
      return key.rsa_oaep256_decrypt(jwe.encrypted_key);
    case KeyWrap::rsa1_5:
      TRY_VOID(check_rsa_length(jwe, key));
      return unwrap_pkcs1(jwe, key);
  }
  TRUSTEE_CHECK(false);
  return Errc::jwe_algorithm_mismatch;
}

/// One code for all ways in which the cryptography can fail.
Error in_our_words(Error error) {
  if (error.is(crypto::Errc::decryption_failed)) return Error(Errc::decryption_failed);
  return error;
}

}  // namespace

Result<SecretBytes> decrypt(const Jwe& jwe, const crypto::PrivateKey& key, KeyWrap wrap) {
  TRY(const json::Value header, parse_header(jwe));
  const json::Object& members = *header.as_object();
  TRY_VOID(check_algorithm(members, wrap));
  TRY_VOID(check_content_encryption(members));
  TRY_VOID(check_header_is_honoured(members));
  if (jwe.iv.size() != crypto::kGcmIvSize || jwe.sealed.size() < crypto::kGcmTagSize) {
    return Errc::jwe_malformed;
  }
  Result<SecretBytes> content_key = unwrap(jwe, members, key, wrap);
  if (!content_key.ok()) return in_our_words(std::move(content_key).error());
  if (content_key->size() != kContentKeySize) return Errc::decryption_failed;
  std::string additional = jwe.protected_text;
  if (jwe.aad.has_value()) additional += "." + *jwe.aad;
  Result<SecretBytes> plaintext =
      crypto::aes256_gcm_open(*content_key, jwe.iv, as_bytes(additional), jwe.sealed);
  if (!plaintext.ok()) return in_our_words(std::move(plaintext).error());
  return plaintext;
}

}  // namespace trustee::jose

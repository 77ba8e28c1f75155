#include "base/check.h"
#include "base/try.h"
#include "crypto/random.h"
#include "crypto/symmetric.h"
#include "jose/internal/ephemeral.h"
#include "jose/jwe.h"

namespace trustee::jose {
namespace {

constexpr std::size_t kContentKeySize = 32;

/// The library's generator.
class FreshEntropy final : public JweEntropy {
 public:
  SecretBytes content_key() override { return crypto::random_secret(kContentKeySize); }
  ByteArray<12> iv() override {
    ByteArray<12> out{};
    crypto::random_bytes(out);
    return out;
  }
  Result<crypto::PrivateKey> ephemeral_key(crypto::Curve curve) override {
    return crypto::PrivateKey::generate_ec(curve);
  }
};

Result<void> check_rsa(const crypto::PublicKey& key, const JwePolicy& policy) {
  if (key.type() != crypto::KeyType::rsa) {
    return Error(Errc::jwe_algorithm_unsupported, "RSA algorithm, other key");
  }
  if (key.bits() < policy.min_rsa_bits) return Errc::rsa_key_too_small;
  return {};
}

Result<void> check_key(const crypto::PublicKey& key, KeyWrap wrap, const JwePolicy& policy) {
  switch (wrap) {
    case KeyWrap::rsa1_5:
      if (!policy.rsa1_5) return Error(Errc::jwe_algorithm_refused, "RSA1_5");
      return check_rsa(key, policy);
    case KeyWrap::rsa_oaep_256:
      return check_rsa(key, policy);
    case KeyWrap::ecdh_es_a256kw:
      TRY_VOID(agreement_curve_name(key));
      return {};
  }
  TRUSTEE_CHECK(false);
  return Errc::jwe_algorithm_unsupported;
}

/// The content key as the recipient can recover it, and the header that says how.
struct WrappedKey {
  std::string protected_text;
  ByteVec encrypted_key;
};

Result<WrappedKey> wrap_for_rsa(const crypto::PublicKey& key, KeyWrap wrap,
                                const SecretBytes& content_key) {
  WrappedKey out{protected_text(to_string(wrap), "A256GCM"), {}};
  if (wrap == KeyWrap::rsa1_5) {
    TRY(out.encrypted_key, key.rsa_pkcs1_encrypt(content_key));
  } else {
    TRY(out.encrypted_key, key.rsa_oaep256_encrypt(content_key));
  }
  return out;
}

Result<WrappedKey> wrap_by_agreement(const crypto::PublicKey& key, const SecretBytes& content_key,
                                     JweEntropy& entropy) {
  TRY(const std::string_view curve_name, agreement_curve_name(key));
  TRY(const crypto::Curve curve, key.curve());
  TRY(const crypto::PrivateKey ephemeral, entropy.ephemeral_key(curve));
  const crypto::PublicKey ephemeral_public = ephemeral.public_key();
  TRY(const ByteVec x, ephemeral_public.ec_x());
  TRY(const ByteVec y, ephemeral_public.ec_y());
  TRY(const SecretBytes wrapping_key, agreed_key(ephemeral, key));
  WrappedKey out{ecdh_protected_text(curve_name, x, y), {}};
  TRY(out.encrypted_key, crypto::aes_key_wrap(wrapping_key, content_key));
  return out;
}

}  // namespace

Result<Recipient> Recipient::create(crypto::PublicKey key, std::string_view alg,
                                    const JwePolicy& policy) {
  const std::optional<KeyWrap> wrap = key_wrap_from_name(alg);
  if (!wrap.has_value()) return Error(Errc::jwe_algorithm_unsupported, std::string(alg));
  TRY_VOID(check_key(key, *wrap, policy));
  return Recipient(std::move(key), *wrap);
}

Result<Jwe> Recipient::encrypt(const SecretBytes& plaintext) const {
  FreshEntropy entropy;
  return encrypt(plaintext, entropy);
}

Result<Jwe> Recipient::encrypt(const SecretBytes& plaintext, JweEntropy& entropy) const {
  const SecretBytes content_key = entropy.content_key();
  TRUSTEE_CHECK(content_key.size() == kContentKeySize);
  const ByteArray<12> iv = entropy.iv();
  TRY(WrappedKey wrapped, wrap_ == KeyWrap::ecdh_es_a256kw
                              ? wrap_by_agreement(key_, content_key, entropy)
                              : wrap_for_rsa(key_, wrap_, content_key));
  Jwe jwe;
  jwe.protected_text = std::move(wrapped.protected_text);
  jwe.encrypted_key = std::move(wrapped.encrypted_key);
  jwe.iv = to_vec(iv);
  TRY(jwe.sealed,
      crypto::aes256_gcm_seal(content_key, iv, as_bytes(jwe.protected_text), plaintext));
  return jwe;
}

}  // namespace trustee::jose

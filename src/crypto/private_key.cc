#include "base/check.h"
#include "base/try.h"
#include "crypto/internal/curve.h"
#include "crypto/internal/keys.h"
#include "crypto/internal/pem.h"
#include "crypto/internal/secret_access.h"
#include "crypto/key.h"

namespace trustee::crypto {
namespace {

PrivateKey finished(Curve curve, EcPair pair) {
  auto state =
      std::make_shared<PrivateKey::State>(public_key_from_point(curve, std::move(pair.point)));
  state->scalar = std::move(pair.scalar);
  return PrivateKey(std::move(state));
}

/// Curves the protocol does not use are refused here: nothing could be done with such a key.
Result<PrivateKey> finished(KeyHandle key) {
  TRY(const PublicKey public_key, public_key_from(share(key.get())));
  if (public_key.type() != KeyType::ec) {
    auto state = std::make_shared<PrivateKey::State>(public_key);
    state->key.give(std::move(key));
    return PrivateKey(std::move(state));
  }
  TRY(const Curve curve, public_key.curve());
  TRY(SecretBytes scalar, scalar_of(key.get(), curve));
  return finished(curve, {std::move(scalar), public_key.state().point});
}

Result<KeyHandle> pkcs8_key(Bytes der) {
  const std::uint8_t* end = der.data();
  TRY(const Pkcs8Handle info,
      own<Pkcs8Handle>(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &end, static_cast<long>(der.size())),
                       Errc::key_malformed));
  if (end != der.data() + der.size()) return Error(Errc::key_malformed, "trailing bytes");
  return own<KeyHandle>(EVP_PKCS82PKEY(info.get()), Errc::key_malformed);
}

Result<KeyHandle> traditional_key(int type, Bytes der) {
  const std::uint8_t* end = der.data();
  TRY(KeyHandle key,
      own<KeyHandle>(d2i_PrivateKey(type, nullptr, &end, static_cast<long>(der.size())),
                     Errc::key_malformed));
  if (end != der.data() + der.size()) return Error(Errc::key_malformed, "trailing bytes");
  return key;
}

Result<KeyHandle> parsed(std::string_view label, Bytes der) {
  if (label == "PRIVATE KEY") return pkcs8_key(der);
  if (label == "EC PRIVATE KEY") return traditional_key(EVP_PKEY_EC, der);
  if (label == "RSA PRIVATE KEY") return traditional_key(EVP_PKEY_RSA, der);
  if (label == "ENCRYPTED PRIVATE KEY") return Error(Errc::unsupported, "key is encrypted");
  return Error(Errc::key_malformed, "no private key");
}

/// The halves belong together. For RSA by a signature: the library's own check tests the primes,
/// which takes up to a second.
Result<void> check_halves_match(const PrivateKey& key) {
  TRY(EVP_PKEY* const library_key, key.state().library_key());
  if (key.type() == KeyType::ec) {
    TRY(const KeyCtxHandle context,
        own<KeyCtxHandle>(EVP_PKEY_CTX_new_from_pkey(nullptr, library_key, nullptr)));
    return ok(EVP_PKEY_check(context.get()), Errc::key_malformed);
  }
  if (EVP_PKEY_get_base_id(library_key) == EVP_PKEY_RSA_PSS) {
    return Error(Errc::unsupported, "RSA-PSS private key");
  }
  const auto scheme = key.type() == KeyType::rsa ? SignatureScheme::rs256 : SignatureScheme::eddsa;
  const Bytes message = as_bytes("do the halves match?");
  const Result<ByteVec> signature = key.sign(scheme, message);
  if (!signature.ok() || !key.public_key().verify(scheme, message, *signature).ok()) {
    return Error(Errc::key_malformed, "private and public half do not match");
  }
  return {};
}

}  // namespace

Result<EVP_PKEY*> PrivateKey::State::library_key() const {
  return key.get(
      [this] { return library_private_key(*curve(), scalar, public_key.state().point); });
}

Result<PrivateKey> PrivateKey::generate_ec(Curve curve) {
  TRY(EcPair pair, generate_pair(curve));
  return finished(curve, std::move(pair));
}

Result<PrivateKey> PrivateKey::generate_rsa(int bits) {
  if (bits < 1024 || bits > kMaxRsaBits) return Error(Errc::unsupported, "RSA modulus size");
  TRY(KeyHandle key,
      own<KeyHandle>(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<std::size_t>(bits))));
  return finished(std::move(key));
}

Result<PrivateKey> PrivateKey::generate_ed25519() {
  TRY(KeyHandle key, own<KeyHandle>(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")));
  return finished(std::move(key));
}

Result<PrivateKey> PrivateKey::from_pem(const SecretText& pem) {
  std::string_view text = SecretAccessForCrypto::text(pem);
  TRY(PemBlock block, take_pem_block(text, Errc::key_malformed));
  // `openssl ecparam -genkey` writes the curve first.
  if (block.label == "EC PARAMETERS") {
    TRY(block, take_pem_block(text, Errc::key_malformed));
  }
  if (!is_blank(text)) return Error(Errc::key_malformed, "text after the PEM block");
  if (block.body.find(':') != std::string_view::npos) {
    return Error(Errc::unsupported, "key is encrypted");
  }
  TRY(const SecretBytes der, pem_secret_content(block, kMaxKeySize, Errc::key_malformed));
  TRY(KeyHandle handle, parsed(block.label, SecretAccessForCrypto::bytes(der)));
  TRY(PrivateKey key, finished(std::move(handle)));
  TRY_VOID(check_halves_match(key));
  return key;
}

PublicKey PrivateKey::public_key() const { return state_->public_key; }
KeyType PrivateKey::type() const { return state_->public_key.type(); }

SecretText PrivateKey::to_pem() const {
  const Result<EVP_PKEY*> key = state_->library_key();
  TRUSTEE_CHECK(key.ok());
  const Pkcs8Handle info(EVP_PKEY2PKCS8(*key));
  TRUSTEE_CHECK(info != nullptr);
  const int size = i2d_PKCS8_PRIV_KEY_INFO(info.get(), nullptr);
  TRUSTEE_CHECK(size > 0);
  ByteVec der(static_cast<std::size_t>(size));
  std::uint8_t* end = der.data();
  TRUSTEE_CHECK(i2d_PKCS8_PRIV_KEY_INFO(info.get(), &end) == size);
  return pem_secret_text("PRIVATE KEY", SecretBytes(std::move(der)));
}

Result<SecretBytes> PrivateKey::ecdh(const PublicKey& peer) const {
  const std::optional<Curve> curve = state_->curve();
  if (!curve.has_value() || peer.state().curve != curve) {
    return Error(Errc::unsupported, "keys are not of one curve");
  }
  return shared_x(*curve, state_->scalar, peer.state().point);
}

}  // namespace trustee::crypto

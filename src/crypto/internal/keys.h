#pragma once

#include <mutex>
#include <optional>

#include "crypto/internal/awslc.h"
#include "crypto/internal/ossl.h"
#include "crypto/key.h"

namespace trustee::crypto {

/// The library's key object: given, or made when it is first needed. Safe from many threads.
class LibraryKey {
 public:
  /// Before the key is shared.
  void give(KeyHandle key) { key_ = std::move(key); }

  /// Errors: library.
  template <class Make>
  Result<EVP_PKEY*> get(const Make& make) const {
    std::call_once(once_, [&] {
      if (key_ != nullptr) return;
      if (Result<KeyHandle> made = make(); made.ok()) key_ = std::move(*made);
    });
    if (key_ == nullptr) return Error(Errc::library, "no key object");
    return key_.get();
  }

 private:
  mutable std::once_flag once_;
  mutable KeyHandle key_;
};

/// A checked public key.
struct PublicKey::State {
  KeyType type = KeyType::ec;
  std::optional<Curve> curve;  ///< empty for RSA, Ed25519 and curves the protocol does not use
  ByteVec point;               ///< 04 || x || y when `curve` is set
  LibraryKey key;              ///< given unless `curve` is set; of RSA and Ed25519 private keys
                               ///< it holds the private half as well
  mutable AwslcVerifier awslc;

  /// Errors: library.
  Result<EVP_PKEY*> library_key() const;
};

struct PrivateKey::State {
  explicit State(PublicKey face) : public_key(std::move(face)) {}

  PublicKey public_key;
  SecretBytes scalar;  ///< of EC keys, field_size bytes
  LibraryKey key;      ///< given unless the key is EC
  mutable AwslcSigner awslc;

  std::optional<Curve> curve() const { return public_key.state().curve; }
  /// Errors: library.
  Result<EVP_PKEY*> library_key() const;
};

/// Classifies and checks a key the library has parsed.
/// Errors: unsupported (key type, explicit curve parameters), key_malformed, library.
Result<PublicKey> public_key_from(KeyHandle key);
/// `point` is 04 || x || y and was checked.
PublicKey public_key_from_point(Curve curve, ByteVec point);

/// The longest output of an RSA operation, bytes. Errors: library.
Result<std::size_t> rsa_output_size(EVP_PKEY* key);

/// A second owner of the same key.
KeyHandle share(EVP_PKEY* key);

inline constexpr std::size_t kMaxKeySize = 16 * 1024;  ///< bytes of DER
inline constexpr int kMaxRsaBits = 8192;               ///< of keys in PEM and certificates

}  // namespace trustee::crypto

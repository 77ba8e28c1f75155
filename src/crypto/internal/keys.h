#pragma once

#include <optional>

#include "crypto/internal/ossl.h"
#include "crypto/key.h"

namespace trustee::crypto {

/// A checked public key. `key` may hold the private half as well (PublicKey of a PrivateKey); only
/// public operations reach it from here.
struct PublicKey::State {
  KeyHandle key;
  KeyType type = KeyType::ec;
  std::optional<Curve> curve;  ///< empty for RSA, Ed25519 and curves the protocol does not use
  ByteVec point;               ///< 04 || x || y when `curve` is set
};

struct PrivateKey::State {
  KeyHandle key;
  PublicKey public_key;
};

/// Classifies and checks a key the library has parsed.
/// Errors: unsupported (key type, explicit curve parameters), key_malformed, library.
Result<PublicKey> public_key_from(KeyHandle key);

/// A second owner of the same key.
KeyHandle share(EVP_PKEY* key);

/// The name by which the library knows the curve. Lifetime: static.
const char* library_name(Curve c);

/// Unsigned big-endian bytes without leading zeros; one zero byte for zero.
Result<ByteVec> big_endian(const BIGNUM* n);
/// The same, padded on the left. Errors: library (does not fit).
Result<ByteVec> big_endian_padded(const BIGNUM* n, std::size_t size);

inline constexpr std::size_t kMaxKeySize = 16 * 1024;  ///< bytes of DER
inline constexpr int kMaxRsaBits = 8192;               ///< of keys in PEM and certificates

}  // namespace trustee::crypto

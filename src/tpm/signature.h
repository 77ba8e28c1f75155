#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/digest.h"
#include "crypto/key.h"

namespace trustee::tpm {

inline constexpr std::size_t kMaxRsaSize = 512;   ///< bytes of a modulus or signature
inline constexpr std::size_t kMaxFieldSize = 66;  ///< bytes of a coordinate or scalar
inline constexpr std::size_t kMinRsaBits = 2048;

/// TPMT_SIGNATURE of a scheme that quotes are made with here. Lifetime: views.
struct Signature {
  enum class Scheme : std::uint8_t { rsassa, ecdsa } scheme = Scheme::rsassa;
  crypto::Hash hash = crypto::Hash::sha256;
  Bytes rsa;
  Bytes r;  ///< big-endian, without leading zeros as some TPMs write it
  Bytes s;
};

/// Reads a TPMT_SIGNATURE.
/// Errors  signature_malformed, signature_scheme_unsupported (RSAPSS, ECDAA, SHA-1, …).
/// Source  TPM 2.0 Library part 2, 11.3.4.
Result<Signature> parse_signature(Bytes in);

/// `message` was signed by `key`. Errors: signature_mismatch (also a key of the other type).
Result<void> check_signature(const crypto::PublicKey& key, const Signature& signature,
                             Bytes message);

/// An RSA key has 2048 bits at least. Errors: key_too_weak.
Result<void> check_key_strength(const crypto::PublicKey& key);

}  // namespace trustee::tpm

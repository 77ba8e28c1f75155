#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "crypto/digest.h"

namespace trustee::crypto {

inline constexpr std::size_t kGcmIvSize = 12;
inline constexpr std::size_t kGcmTagSize = 16;

/// HMAC of `data`. Shape: as long as the digest.
ByteVec hmac(Hash h, const SecretBytes& key, Bytes data);
/// RFC 5869 extract and expand.
SecretBytes hkdf(Hash h, const SecretBytes& key, Bytes salt, std::string_view info,
                 std::size_t size);

/// KMAC256 of `data` with `size` bytes of output, at least 1. `key` 4 to 512 bytes. Source: NIST SP
/// 800-185 section 4; kbs.md 8.4.
SecretBytes kmac256(const SecretBytes& key, std::string_view customization, Bytes data,
                    std::size_t size);

/// AES-256-GCM: ciphertext followed by the 16-byte tag. `key` 32 bytes, `iv` 12 bytes, never
/// reused.
Result<ByteVec> aes256_gcm_seal(const SecretBytes& key, Bytes iv, Bytes aad, Bytes plaintext);
Result<ByteVec> aes256_gcm_seal(const SecretBytes& key, Bytes iv, Bytes aad,
                                const SecretBytes& plaintext);
/// Errors: decryption_failed (one code whatever was wrong).
Result<SecretBytes> aes256_gcm_open(const SecretBytes& key, Bytes iv, Bytes aad,
                                    Bytes ciphertext_and_tag);

/// RFC 3394 with the default IV. `key_encryption_key` 32 (or 24) bytes; output 8 bytes longer.
Result<ByteVec> aes_key_wrap(const SecretBytes& key_encryption_key, const SecretBytes& key);
/// Errors: decryption_failed, also for lengths below 24 or not a multiple of 8.
Result<SecretBytes> aes_key_unwrap(const SecretBytes& key_encryption_key, Bytes wrapped);

/// The single-step KDF of NIST SP 800-56A as RFC 7518 4.6.2 uses it for ECDH-ES+A256KW: SHA-256,
/// empty apu and apv. Shape: `bits`/8 bytes. Source: kbs.md 8.1 with vectors.
SecretBytes concat_kdf(const SecretBytes& z, std::string_view algorithm, std::uint32_t bits);

}  // namespace trustee::crypto

#pragma once

#include "crypto/internal/keys.h"

namespace trustee::crypto {

/// The seam between ECDSA and the library that does it. `signature` is r||s, each half field_size
/// bytes. A high s is accepted, as ECDSA says. P-256 and P-384 go through AWS-LC, P-521 through
/// OpenSSL.
/// Errors: signature_invalid (also wrong length), unsupported (no curve of ours), library.
Result<void> ecdsa_verify(const PublicKey::State& key, Bytes digest, Bytes signature);
Result<void> ecdsa_verify_openssl(const PublicKey::State& key, Bytes digest, Bytes signature);

/// Shape: r||s. Errors: unsupported, library.
Result<ByteVec> ecdsa_sign(const PrivateKey::State& key, Bytes digest);
Result<ByteVec> ecdsa_sign_openssl(const PrivateKey::State& key, Bytes digest);

}  // namespace trustee::crypto

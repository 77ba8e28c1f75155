#pragma once

#include "crypto/internal/ossl.h"
#include "crypto/x509.h"

namespace trustee::crypto {

/// A parsed certificate with what is asked of it often, taken out once.
struct Certificate::State {
  X509Handle x509;
  ByteVec der;  ///< as received
  PublicKey key;
  Time not_before;
  Time not_after;
};

/// Errors: `code` when the time cannot be read.
Result<Time> time_from(const ASN1_TIME* t, Errc code);

/// The last common name, or empty.
std::string common_name(const X509_NAME* name);

/// The content of the extension with this dotted OID among `extensions` (null: none there).
/// Errors: extension_missing, extension_repeated, unsupported (no dotted OID).
Result<ByteVec> extension_value(const STACK_OF(X509_EXTENSION) * extensions, std::string_view oid);

/// How many bits of security a signature algorithm must have: SHA-256 with RSA-2048 or P-256.
inline constexpr int kMinSignatureBits = 112;
/// The same for whole chains, as a level of the library.
inline constexpr int kChainSecurityLevel = 2;

/// Maps a verification failure of the library to the rule it guards.
Errc chain_code(int x509_error);

}  // namespace trustee::crypto

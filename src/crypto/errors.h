#pragma once

#include "base/error.h"

namespace trustee::crypto {

#define TRUSTEE_CRYPTO_ERRORS(X)                                                               \
  X(library, service, "the cryptographic library failed")                                      \
  X(unsupported, guest, "the algorithm, curve or key type is not supported")                   \
  X(key_malformed, administrator, "the key cannot be parsed or is invalid")                    \
  X(point_not_on_curve, guest, "the public key is not a point of its curve")                   \
  X(signature_invalid, guest, "the signature does not verify")                                 \
  X(decryption_failed, guest, "the ciphertext or its tag is wrong")                            \
  X(certificate_malformed, guest, "the certificate cannot be parsed")                          \
  X(crl_malformed, vendor, "the certificate revocation list cannot be parsed")                 \
  X(chain_broken, guest, "a certificate is not signed by its issuer or the chain has no root") \
  X(certificate_expired, platform, "a certificate is past its end of validity")                \
  X(certificate_not_yet_valid, platform, "a certificate is before its start of validity")      \
  X(not_a_ca, guest, "an issuing certificate is no certificate authority")                     \
  X(revoked, platform, "a certificate is revoked")                                             \
  X(crl_unavailable, vendor, "no revocation list for an issuer was given")                     \
  X(crl_not_yet_valid, vendor, "a revocation list is before its this update")                  \
  X(crl_expired, vendor, "a revocation list is past its next update")                          \
  X(extension_missing, guest, "a certificate extension is missing")                            \
  X(extension_repeated, guest, "a certificate extension occurs more than once")
TRUSTEE_ERROR_CODES(Errc, "crypto", TRUSTEE_CRYPTO_ERRORS)

}  // namespace trustee::crypto

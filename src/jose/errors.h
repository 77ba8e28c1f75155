#pragma once

#include "base/error.h"

namespace trustee::jose {

// What can be wrong with keys and key sets, tokens, the endorsement of their keys, and encrypted
// answers.
#define TRUSTEE_JOSE_ERRORS(X)                                                                   \
  X(jwk_malformed, guest, "the JWK lacks a member or a member has the wrong form")               \
  X(key_type_unsupported, guest, "the JWK has a key type or curve that is not supported")        \
  X(jwk_set_malformed, administrator, "the text is not a JWK set")                               \
  X(jwk_set_too_large, administrator, "the JWK set exceeds its size or count limit")             \
  X(key_not_for_signatures, guest, "the key cannot verify signatures of an allowed algorithm")   \
  X(token_too_large, guest, "the token exceeds its size limit")                                  \
  X(token_malformed, guest, "the token is not a compact JWS")                                    \
  X(header_malformed, guest, "a member of the JOSE header has the wrong form")                   \
  X(algorithm_unsupported, guest, "the algorithm is not supported")                              \
  X(critical_header, guest, "the JOSE header names critical extensions")                         \
  X(algorithm_mismatch, guest, "the token's algorithm is not that of the key")                   \
  X(claims_malformed, guest, "the token's payload is not a JSON object")                         \
  X(expiry_missing, guest, "the token has no integer exp claim")                                 \
  X(token_expired, guest, "the token is past its expiry")                                        \
  X(no_trusted_certificates, administrator,                                                      \
    "no certificate is trusted that could endorse the token's own key")                          \
  X(endorsement_missing, guest, "the token's own key carries no certificate chain")              \
  X(endorsement_malformed, guest, "the certificate chain of the token's own key is malformed")   \
  X(endorsement_key_type, guest, "keys of this type or curve cannot be endorsed")                \
  X(endorsement_key_mismatch, guest, "the first certificate is of another key than the token's") \
  X(jwe_malformed, service, "the answer is not a flattened JWE")                                 \
  X(jwe_algorithm_unsupported, guest, "the key cannot be encrypted to with its algorithm")       \
  X(jwe_algorithm_refused, administrator, "the key's algorithm is switched off")                 \
  X(rsa_key_too_small, guest, "the RSA key is smaller than allowed")                             \
  X(jwe_algorithm_mismatch, service, "the answer's algorithm is not that of the key")            \
  X(content_encryption_unsupported, service, "the answer's content encryption is not A256GCM")   \
  X(jwe_header_unsupported, service, "the answer's header has a member that cannot be honoured") \
  X(ephemeral_key_mismatch, service, "the ephemeral key is not on the curve of the key")         \
  X(encrypted_key_length, service, "the encrypted key has the wrong length")                     \
  X(decryption_failed, service, "the answer cannot be decrypted with this key")
TRUSTEE_ERROR_CODES(Errc, "jose", TRUSTEE_JOSE_ERRORS)

}  // namespace trustee::jose

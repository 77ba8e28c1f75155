#pragma once

#include "base/error.h"

namespace trustee::tpm {

#define TRUSTEE_TPM_ERRORS(X)                                                                     \
  X(attest_malformed, guest, "the attestation is not a TPMS_ATTEST of a quote")                   \
  X(not_made_by_tpm, guest, "the attestation lacks the magic number that a TPM puts first")       \
  X(not_a_quote, guest, "the TPM attests something other than PCRs")                              \
  X(signature_malformed, guest, "the signature is not a TPMT_SIGNATURE")                          \
  X(signature_scheme_unsupported, guest, "the quote is not signed by RSASSA or ECDSA with SHA-2") \
  X(signature_mismatch, guest, "the quote is not signed by the attestation key")                  \
  X(public_malformed, guest, "the public area is not a TPMT_PUBLIC")                              \
  X(public_unsupported, guest, "the public area is of a key type or curve that is not supported") \
  X(key_too_weak, guest, "the attestation key is an RSA key of less than 2048 bits")              \
  X(key_not_restricted, guest, "the attestation key also signs what the TPM did not make")        \
  X(key_not_for_signing, guest, "the attestation key is not a signing key, or decrypts as well")  \
  X(key_not_of_one_tpm, guest, "the attestation key was not made in its TPM or can leave it")     \
  X(pcr_malformed, guest, "the PCR values are not 24 values of 32 bytes")                         \
  X(pcr_selection_mismatch, guest, "the quote is not over PCR 0 to 23 of the SHA-256 bank")       \
  X(pcr_digest_mismatch, guest, "the PCR values are not those that the TPM quoted")               \
  X(nonce_mismatch, guest, "the quote is not bound to this session")                              \
  X(init_data_length, guest, "an init-data hash for PCR 8 must be 32 bytes")                      \
  X(init_data_mismatch, guest, "PCR 8 does not hold the expected init-data hash")
TRUSTEE_ERROR_CODES(Errc, "tpm", TRUSTEE_TPM_ERRORS)

}  // namespace trustee::tpm

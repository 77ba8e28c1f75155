#pragma once

#include "base/error.h"

namespace trustee::tpm_evidence {

#define TRUSTEE_TPM_EVIDENCE_ERRORS(X)                                                   \
  X(evidence_malformed, guest, "the evidence is not TPM evidence JSON")                  \
  X(ak_malformed, guest, "the attestation key of the evidence is no public key")         \
  X(ak_not_trusted, guest, "the attestation key is not among the trusted ones")          \
  X(trusted_ak_malformed, administrator,                                                 \
    "a trusted attestation key is neither PEM nor a TPM's "                              \
    "public area")                                                                       \
  X(trusted_ak_not_restricted, administrator,                                            \
    "a trusted attestation key is a PEM key, which does not show that it is restricted") \
  X(too_many_trusted_aks, administrator, "there are more trusted attestation keys than allowed")
TRUSTEE_ERROR_CODES(Errc, "tpm_evidence", TRUSTEE_TPM_EVIDENCE_ERRORS)

}  // namespace trustee::tpm_evidence

#pragma once

#include "base/error.h"

namespace trustee::azure {

#define TRUSTEE_AZURE_ERRORS(X)                                                                   \
  X(evidence_malformed, guest, "the evidence is not Azure vTPM evidence JSON of a known version") \
  X(evidence_version_too_old, guest,                                                              \
    "the evidence has a version below the configured minimum; update the attester")               \
  X(report_data_missing, service, "Azure vTPM evidence needs report data to compare with")        \
  X(hcl_malformed, guest, "the HCL report does not have its layout")                              \
  X(hcl_report_type_mismatch, guest, "the HCL report is of another kind of hardware")             \
  X(hcl_hash_unsupported, guest,                                                                  \
    "the HCL report binds its variable data by another hash than "                                \
    "SHA-256")                                                                                    \
  X(variable_data_malformed, guest, "the variable data of the HCL report are not its JSON")       \
  X(user_data_malformed, guest, "the user data of the HCL report are not hexadecimal")            \
  X(ak_missing, guest, "the variable data have no attestation key")                               \
  X(quote_not_signed_by_ak, guest, "the TPM quote is not signed by the key of the HCL report")    \
  X(variable_data_mismatch, guest, "the hardware report does not cover the variable data")        \
  X(user_data_mismatch, guest, "the user data of the HCL report are not bound to this session")   \
  X(init_data_mismatch, guest, "PCR 8 does not hold the expected init-data hash")
TRUSTEE_ERROR_CODES(Errc, "azure", TRUSTEE_AZURE_ERRORS)

}  // namespace trustee::azure

#pragma once

#include "base/error.h"

namespace trustee::attester {

#define TRUSTEE_ATTESTER_ERRORS(X)                                                                 \
  X(file_missing, platform, "a file or device that evidence is read from is not there")            \
  X(file_denied, guest, "a file or device may not be opened; evidence usually needs root")         \
  X(file_busy, platform, "a file or device was busy each time it was asked")                       \
  X(file_failed, platform, "a file or device could not be read or written")                        \
  X(file_too_large, platform, "a file that evidence is read from is larger than it may be")        \
  X(device_failed, platform, "the device refused to make a report")                                \
  X(certificates_too_large, platform, "the host's certificate table does not fit the request")     \
  X(answer_malformed, platform, "an answer of the platform is not of its documented form")         \
  X(report_data_too_long, guest, "the report data is longer than the field it is bound to")        \
  X(provider_wrong, platform, "configfs-tsm belongs to another kind of machine")                   \
  X(generation_malformed, platform, "the generation of a configfs-tsm report is no number")        \
  X(generation_changed, guest,                                                                     \
    "somebody else wrote to our configfs-tsm report each time; nothing of it is used")             \
  X(certificate_table_malformed, platform, "the host's certificate table is malformed")            \
  X(event_log_malformed, platform, "the firmware's event log is malformed")                        \
  X(event_malformed, guest, "a run-time event holds a newline where none may be")                  \
  X(event_log_forked, platform,                                                                    \
    "the register does not have the value that the interrupted event explains")                    \
  X(register_unknown, guest, "there is no such measurement register")                              \
  X(tpm_unavailable, platform, "the TPM cannot be reached")                                        \
  X(tpm_failed, platform, "a TPM command failed")                                                  \
  X(tpm_key_missing, guest, "the TPM holds no attestation key at that handle")                     \
  X(tpm_key_unsupported, guest, "the TPM's attestation key is neither RSA nor ECC P-256 or P-384") \
  X(tpm_handle_malformed, guest, "AA_TPM_AK_HANDLE is not a hexadecimal handle")                   \
  X(pcrs_unsettled, guest, "PCRs changed during each attempt to quote them")                       \
  X(hcl_of_other_hardware, platform, "the HCL report in the vTPM is of another kind of hardware")  \
  X(hcl_not_refreshed, platform, "the HCL report in the vTPM does not carry the new report data")  \
  X(metadata_failed, platform, "the metadata service did not answer as documented")                \
  X(quoting_service_failed, platform, "the quoting service on the host refused")                   \
  X(tee_unsupported, guest, "this client has no attester for that kind of machine")                \
  X(init_data_mismatch, guest, "the machine was not started with this initdata")                   \
  X(pcr8_taken, guest, "PCR 8 already holds another measurement")
TRUSTEE_ERROR_CODES(Errc, "attester", TRUSTEE_ATTESTER_ERRORS)

}  // namespace trustee::attester

#pragma once

#include "base/error.h"

namespace trustee::snp {

// Names are those of the rules; upstream's words for them are in texts.h.
#define TRUSTEE_SNP_ERRORS(X)                                                                      \
  X(evidence_malformed, guest, "the evidence is not SNP evidence JSON")                            \
  X(report_malformed, guest, "the attestation report does not have the layout of its version")     \
  X(version_too_old, platform, "reports below version 3 are not accepted; update the firmware")    \
  X(version_unexpected, guest, "the report version is unknown")                                    \
  X(cpuid_family_missing, guest, "the report lacks the CPU family")                                \
  X(cpuid_model_missing, guest, "the report lacks the CPU model")                                  \
  X(tcb_layout_unknown, guest, "a version 2 report without chip id does not tell its TCB layout")  \
  X(vek_missing, guest, "the certificate chain of the evidence has no VCEK or VLEK")               \
  X(signature_algorithm_unsupported, guest,                                                        \
    "the report is not signed by ECDSA P-384 with SHA-384")                                        \
  X(signature_mismatch, guest, "the report is not signed by the endorsement key")                  \
  X(signing_key_mismatch, guest, "the report names another kind of signing key than it came with") \
  X(chip_id_mismatch, guest, "the endorsement key belongs to another chip")                        \
  X(microcode_mismatch, guest, "the reported microcode version is not the endorsed one")           \
  X(snp_firmware_mismatch, guest, "the reported SNP firmware version is not the endorsed one")     \
  X(tee_mismatch, guest, "the reported TEE version is not the endorsed one")                       \
  X(bootloader_mismatch, guest, "the reported boot loader version is not the endorsed one")        \
  X(fmc_mismatch, guest, "the reported FMC version is not the endorsed one")                       \
  X(vmpl_not_zero, guest, "the report was requested from a VMPL other than 0")                     \
  X(report_data_mismatch, guest, "REPORT_DATA is not bound to this session")                       \
  X(host_data_mismatch, guest, "HOST_DATA is not the expected init-data hash")
TRUSTEE_ERROR_CODES(Errc, "snp", TRUSTEE_SNP_ERRORS)

}  // namespace trustee::snp

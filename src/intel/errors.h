#pragma once

#include "base/error.h"

namespace trustee::intel {

// Names are those of the rules; upstream's words for them are in texts.h.
#define TRUSTEE_INTEL_ERRORS(X)                                                                    \
  X(evidence_malformed, guest, "the evidence is not JSON with a quote")                            \
  X(quote_empty, guest, "the evidence has no quote")                                               \
  X(quote_not_base64, guest, "the quote is not base64 of the standard alphabet")                   \
  X(report_data_mismatch, guest, "REPORTDATA is not bound to this session")                        \
  X(quote_malformed, guest, "the quote does not have the layout of its version")                   \
  X(quote_version_unsupported, guest, "the quote's version and TEE type are not supported")        \
  X(attestation_key_type_unsupported, guest, "the attestation key is not of ECDSA P-256")          \
  X(body_type_unsupported, guest, "the type of the quote's body is not supported")                 \
  X(body_type_of_other_tee, guest, "the quote's body is of another TEE than its header says")      \
  X(qe_vendor_unknown, guest, "the quote was not made by Intel's quoting enclave")                 \
  X(certification_data_unsupported, guest,                                                         \
    "the quote's certification data is of an unknown type; a chain of PEM certificates (type 5) "  \
    "inside a QE report (type 6) is needed")                                                       \
  X(certification_data_ppid, platform,                                                             \
    "the quote names its platform by PPID (types 1 to 3) and has no PCK certificate: give the "    \
    "quote provider library of the machine that makes quotes a provisioning service (PCCS), so "   \
    "that its quotes carry the PCK certificate chain (type 5)")                                    \
  X(certification_data_leaf_only, platform,                                                        \
    "the quote has the PCK certificate without its chain (type 4): use a quote provider library "  \
    "that also delivers the issuing certificates, so that quotes carry the chain (type 5)")        \
  X(certification_data_nested, guest,                                                              \
    "a QE report stands where the PCK certificate chain belongs (type 6): send the quote as the "  \
    "quoting enclave made it")                                                                     \
  X(certification_data_platform_manifest, platform,                                                \
    "the quote has a platform manifest instead of a PCK certificate chain (type 7): register the " \
    "machine with Intel and give its quote provider library a provisioning service (PCCS), so "    \
    "that its quotes carry the chain (type 5)")                                                    \
  X(pck_chain_size, guest, "the PCK certificate chain does not have exactly three certificates")   \
  X(pck_chain_malformed, guest, "a certificate of the PCK chain cannot be parsed")                 \
  X(pck_chain_not_trusted, guest, "the PCK certificate does not chain to Intel's root")            \
  X(pck_ca_unknown, guest, "the PCK certificate was issued by neither of Intel's PCK CAs")         \
  X(pck_extension_malformed, guest, "the SGX extension of the PCK certificate is malformed")       \
  X(pck_key_unsupported, guest, "the PCK certificate's key is not of ECDSA P-256")                 \
  X(qe_report_signature_invalid, guest, "the QE report is not signed by the PCK")                  \
  X(qe_report_data_mismatch, guest, "the QE report does not vouch for the attestation key")        \
  X(attestation_key_malformed, guest, "the attestation key is not a point of P-256")               \
  X(quote_signature_invalid, guest, "the quote is not signed by its attestation key")              \
  X(collateral_file_malformed, administrator, "the file is not a set of Intel collateral")         \
  X(service_url_malformed, administrator, "the collateral service is no http or https URL")        \
  X(issuer_chain_malformed, vendor, "an issuer chain in a header is no URL-encoded PEM")           \
  X(pcs_file_malformed, administrator, "the file is not what Intel's PCS client tool writes")      \
  X(not_in_file, administrator, "the file of collateral lacks a document")                         \
  X(tcb_info_malformed, vendor, "the TCB info does not have the form of its version")              \
  X(tcb_info_not_trusted, vendor, "the TCB info is not signed under Intel's root")                 \
  X(qe_identity_malformed, vendor, "the QE identity does not have the form of its version")        \
  X(qe_identity_not_trusted, vendor, "the QE identity is not signed under Intel's root")           \
  X(crl_malformed, vendor, "a certificate revocation list cannot be parsed")                       \
  X(crl_not_trusted, vendor, "a certificate revocation list is not signed by its issuer")          \
  X(collateral_mismatch, service, "the revocation list is of another CA than the PCK certificate") \
  X(certificate_revoked, platform, "a certificate of the PCK or TCB signing chain is revoked")     \
  X(tcb_info_mismatch, service, "the TCB info is for another platform or another TEE")             \
  X(tdx_module_mismatch, platform, "the TDX module is not one that Intel names for the platform")  \
  X(qe_identity_mismatch, platform, "the quoting enclave is not the one that Intel names")         \
  X(tcb_not_supported, platform, "no TCB level of Intel's matches the platform")                   \
  X(tcb_revoked, platform, "Intel has revoked the platform's TCB level")
TRUSTEE_ERROR_CODES(Errc, "intel", TRUSTEE_INTEL_ERRORS)

}  // namespace trustee::intel

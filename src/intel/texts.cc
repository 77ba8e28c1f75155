#include "intel/texts.h"

#include <array>
#include <string_view>

#include "base/code_text.h"
#include "intel/errors.h"

namespace trustee::intel {

namespace {

/// Where upstream's words vary with the input, the detail has them.
constexpr std::array kDetailIsText{
    Errc::evidence_malformed,
    Errc::quote_empty,
    Errc::report_data_mismatch,
    Errc::quote_malformed,
    Errc::quote_version_unsupported,
    Errc::body_type_unsupported,
    Errc::body_type_of_other_tee,
    Errc::attestation_key_type_unsupported,
    Errc::pck_chain_size,
    Errc::certification_data_unsupported,
    Errc::certification_data_ppid,
    Errc::certification_data_leaf_only,
    Errc::certification_data_nested,
    Errc::certification_data_platform_manifest,
    Errc::pck_ca_unknown,
};

constexpr std::string_view kUnexpected = "0xe001 - An unexpected internal error occurred.";
constexpr std::string_view kQuoteFormat =
    "0xe01d - The inputted quote format is not supported. Either because the header information is "
    "not supported or the quote is malformed in some way.";
constexpr std::string_view kPckFormat =
    "0xe021 - The format of the PCK certificate is unsupported.";
constexpr std::string_view kSignature = "0xe068 - Invalid signature during quote verification.";

constexpr std::array kTexts{
    CodeText{Errc::qe_vendor_unknown, kQuoteFormat},
    CodeText{Errc::attestation_key_malformed, kQuoteFormat},
    CodeText{Errc::pck_chain_malformed, kPckFormat},
    CodeText{Errc::pck_extension_malformed, kPckFormat},
    CodeText{Errc::pck_key_unsupported, kPckFormat},
    CodeText{
        Errc::pck_chain_not_trusted,
        "0xe022 - There was an error verifying the PCK certificate signature chain including PCK "
        "certificate revocation."},
    CodeText{Errc::qe_report_signature_invalid,
             "0xe01f - The signature over the QE Report is invalid."},
    CodeText{Errc::qe_report_data_mismatch, kUnexpected},
    CodeText{Errc::quote_signature_invalid, kSignature},
    CodeText{Errc::tcb_info_malformed,
             "0xe023 - The format of the TCBInfo structure is unsupported."},
    CodeText{Errc::tcb_info_not_trusted,
             "0xe03a - There was an error verifying the TCBInfo signature chain including TCBInfo "
             "revocation."},
    CodeText{Errc::qe_identity_malformed,
             "0xe025 - The format of the QEIdentity structure is unsupported."},
    CodeText{
        Errc::qe_identity_not_trusted,
        "0xe039 - There was an error verifying the QEIdentity signature chain including QEIdentity "
        "revocation."},
    CodeText{Errc::crl_malformed, "0xe038 - Unsupported CRL format."},
    CodeText{Errc::crl_not_trusted, kSignature},
    CodeText{Errc::collateral_mismatch, kUnexpected},
    CodeText{Errc::certificate_revoked, "0xe031 - PCK is revoked."},
    CodeText{Errc::tcb_info_mismatch,
             "0xe024 - PCK certificate FMSPc does not match the TCBInfo FMSPc."},
    CodeText{Errc::tdx_module_mismatch,
             "0xe060 - TDX SEAM module identity is NOT match to Intel signed TDX SEAM module."},
    CodeText{Errc::qe_identity_mismatch,
             "0xe026 - The Quote\u2019s QE doesn\u2019t match the inputted expected QEIdentity."},
    CodeText{Errc::tcb_not_supported,
             "0xe066 - Current TCB level cannot be found in platform/enclave TCB info."},
    CodeText{Errc::tcb_revoked, "0xe032 - TCB is revoked."},
};

}  // namespace

std::optional<std::string> upstream_text(const Error& error) {
  for (const Errc code : kDetailIsText) {
    if (error.is(code)) return error.detail();
  }
  const auto text = find_text(kTexts, error.code());
  if (!text.has_value()) return std::nullopt;
  return "tee_verify_quote failed: " + std::string(*text);
}

}  // namespace trustee::intel

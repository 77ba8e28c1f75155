#pragma once

#include "base/error.h"

namespace trustee::tdx {

// Names are those of the rules; upstream's words for them are in texts.h.
#define TRUSTEE_TDX_ERRORS(X)                                                             \
  X(quote_of_sgx, guest, "the quote is of an SGX enclave")                                \
  X(mr_config_id_mismatch, guest, "MRCONFIGID is not the expected init-data hash")        \
  X(event_log_not_base64, guest, "the event log is not base64 of the standard alphabet")  \
  X(td_report_malformed, guest, "the TDREPORT does not have its layout")                  \
  X(td_report_type_unsupported, guest, "the TDREPORT's type or version is not supported") \
  X(td_report_mismatch, guest, "the TDREPORT is not the one that the quote was made of")
TRUSTEE_ERROR_CODES(Errc, "tdx", TRUSTEE_TDX_ERRORS)

}  // namespace trustee::tdx

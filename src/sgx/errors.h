#pragma once

#include "base/error.h"

namespace trustee::sgx {

// Names are those of the rules; upstream's words for them are in texts.h.
#define TRUSTEE_SGX_ERRORS(X)                              \
  X(quote_of_tdx, guest, "the quote is of a trust domain") \
  X(config_id_mismatch, guest, "CONFIGID is not the expected init-data hash")
TRUSTEE_ERROR_CODES(Errc, "sgx", TRUSTEE_SGX_ERRORS)

}  // namespace trustee::sgx

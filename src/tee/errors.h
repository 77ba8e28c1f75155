#pragma once

#include "base/error.h"

namespace trustee::tee {

#define TRUSTEE_TEE_ERRORS(X) \
  X(not_supported, administrator, "this service has no verifier for evidence of that TEE")
TRUSTEE_ERROR_CODES(Errc, "tee", TRUSTEE_TEE_ERRORS)

}  // namespace trustee::tee

#pragma once

#include "base/error.h"

namespace trustee::control {

#define TRUSTEE_CONTROL_ERRORS(X)                                                                 \
  X(kind_unknown, service, "an object of a kind that the operator does not handle is wanted")     \
  X(cache_not_ready, service, "the first list of a kind is not complete yet")                     \
  X(read_refused, administrator, "the operator's role does not let it read what it decides from") \
  X(unsettled, service, "a decision asked for more objects each time it was made")
TRUSTEE_ERROR_CODES(Errc, "control", TRUSTEE_CONTROL_ERRORS)

}  // namespace trustee::control

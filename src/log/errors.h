#pragma once

#include "base/error.h"

namespace trustee::log {

#define TRUSTEE_LOG_ERRORS(X)                                               \
  X(filter_malformed, administrator, "the log filter cannot be understood") \
  X(sink_unavailable, service, "the thread that writes the log did not start")
TRUSTEE_ERROR_CODES(Errc, "log", TRUSTEE_LOG_ERRORS)

}  // namespace trustee::log

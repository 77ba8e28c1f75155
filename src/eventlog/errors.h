#pragma once

#include "base/error.h"

namespace trustee::eventlog {

#define TRUSTEE_EVENTLOG_ERRORS(X)                                                                \
  X(log_too_large, guest, "the event log exceeds a limit")                                        \
  X(log_malformed, guest, "the event log does not have the layout of a TCG log")                  \
  X(event_type_unknown, guest, "an event has a type that the TCG does not define")                \
  X(algorithm_unknown, guest, "the event log names an unknown digest algorithm")                  \
  X(digest_size_undeclared, guest, "an event has a digest whose size the log does not declare")   \
  X(digest_size_wrong, guest, "the log declares a digest size that its algorithm does not have")  \
  X(event_data_malformed, guest, "the data of an event do not have the layout of its type")       \
  X(digest_not_comparable, guest, "an event has a digest that cannot be compared with its data")  \
  X(event_not_measured, guest, "an event of a compared register lacks the register's own digest") \
  X(register_mismatch, guest, "the event log does not replay to the measurement register")
TRUSTEE_ERROR_CODES(Errc, "eventlog", TRUSTEE_EVENTLOG_ERRORS)

}  // namespace trustee::eventlog

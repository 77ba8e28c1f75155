#pragma once

#include "base/error.h"

namespace trustee::reference {

#define TRUSTEE_REFERENCE_ERRORS(X)                                                             \
  X(message_malformed, administrator, "the message is not a provenance envelope")               \
  X(message_version, administrator, "the envelope's version is not 0.1.0")                      \
  X(extractor_unknown, administrator, "no extractor has the name in `type`")                    \
  X(extractor_later, administrator, "this extractor comes in a later version of the service")   \
  X(payload_not_base64, administrator, "the payload is not standard base64 with padding")       \
  X(payload_not_object, administrator, "the decoded payload is not a JSON object")              \
  X(record_malformed, administrator, "a stored reference value is not in the form of a record") \
  X(expiration_overflow, administrator, "the expiration lies outside the years 0 to 9999")
TRUSTEE_ERROR_CODES(Errc, "reference", TRUSTEE_REFERENCE_ERRORS)

}  // namespace trustee::reference

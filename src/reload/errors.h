#pragma once

#include "base/error.h"

namespace trustee::reload {

#define TRUSTEE_RELOAD_ERRORS(X)                                                              \
  X(file_unreadable, administrator, "a file named in the configuration cannot be read")       \
  X(file_too_large, administrator, "a file named in the configuration is too large")          \
  X(source_scheme, administrator, "a key source has a scheme that is not allowed")            \
  X(jwks_unavailable, administrator, "a JWK set cannot be fetched")                           \
  X(jwks_malformed, administrator, "what was fetched is no JWK set")                          \
  X(material_invalid, administrator, "a key or certificate in the configuration is unusable") \
  X(session_key_invalid, administrator, "a session key file does not hold 32 bytes")
TRUSTEE_ERROR_CODES(Errc, "reload", TRUSTEE_RELOAD_ERRORS)

}  // namespace trustee::reload

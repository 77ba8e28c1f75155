#pragma once

#include "base/error.h"

namespace trustee::toml {

#define TRUSTEE_TOML_ERRORS(X)                                                    \
  X(syntax, guest, "the text is not TOML")                                        \
  X(too_large, guest, "the TOML text exceeds its limit of bytes, keys or values") \
  X(too_deep, guest, "the TOML text is nested too deeply")                        \
  X(not_representable, guest, "a number is beyond 64 bits, or not finite")        \
  X(library, service, "the TOML reader has a bug or was called with a wrong limit")
TRUSTEE_ERROR_CODES(Errc, "toml", TRUSTEE_TOML_ERRORS)

}  // namespace trustee::toml

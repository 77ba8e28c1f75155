#pragma once

#include "base/error.h"

namespace trustee::config {

#define TRUSTEE_CONFIG_ERRORS(X)                                                      \
  X(not_found, administrator, "there is no configuration file at that path")          \
  X(unknown_format, administrator, "the extension is none of toml, yaml, yml, json")  \
  X(syntax, administrator, "the configuration file does not parse")                   \
  X(too_large, administrator, "the configuration file exceeds 1 MiB or 65,536 items") \
  X(missing_key, administrator, "a required key is missing")                          \
  X(wrong_type, administrator, "a key has a value of the wrong type")                 \
  X(invalid_value, administrator, "a key has a value that is not allowed")            \
  X(unknown_key, administrator, "a key under [admin] is not known")                   \
  X(not_supported_yet, administrator, "a back end named in the configuration is not built in")
TRUSTEE_ERROR_CODES(Errc, "config", TRUSTEE_CONFIG_ERRORS)

}  // namespace trustee::config

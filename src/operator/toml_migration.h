#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/json.h"

namespace trustee::operators {

struct MigratedToml {
  std::string text;
  bool changed = false;  ///< false: the text as it came, byte for byte
  json::Object tree;     ///< what the text says
};

/// Brings a configuration that an older operator wrote (v0.17.0 and v0.18.0: before the unified
/// storage) into today's form with equivalent settings. Unknown keys are carried over.
/// Errors  toml_malformed, configuration_invalid (an old form without an equivalent).
/// Source  operator specification, C14, OP-80; section 1.4.
Result<MigratedToml> migrate_toml(std::string_view text);

}  // namespace trustee::operators

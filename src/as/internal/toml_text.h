#pragma once

#include <string_view>

#include "base/result.h"
#include "codec/json.h"

namespace trustee::as::internal {

/// A TOML text as JSON, members sorted. Dates and times become the object with the one member
/// `$__toml_private_datetime`, numbers that are not finite become null, as in the released system.
/// Limits  kMaxInitData, kMaxTomlDepth.      Errors  init_data_malformed, init_data_too_large.
Result<json::Object> read_toml(std::string_view text);

}  // namespace trustee::as::internal

#pragma once

#include <string_view>

#include "base/result.h"
#include "codec/json.h"

namespace trustee::config::internal {

/// Nesting admitted in any format.
inline constexpr std::size_t kMaxDepth = 32;

Result<json::Value> read_yaml(std::string_view text);

}  // namespace trustee::config::internal

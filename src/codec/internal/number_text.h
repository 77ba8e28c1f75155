#pragma once

#include <string_view>

namespace trustee::json::internal {

/// Whether `text`, which matches the JSON number grammar, rounds to an infinite double.
bool overflows_double(std::string_view text);

}  // namespace trustee::json::internal

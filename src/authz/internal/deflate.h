#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace trustee::authz::internal {

/// Raw deflate at a fast level.
Result<ByteVec> deflate(std::string_view text);
/// Errors: cookie_malformed, also when the output would exceed `max` bytes.
Result<std::string> inflate(Bytes in, std::size_t max);

}  // namespace trustee::authz::internal

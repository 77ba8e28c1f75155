#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "codec/json.h"

namespace trustee::toml {

/// Bounds of one document; exceeding one is `too_large`, `too_deep`.
struct Limits {
  std::size_t bytes = 1U << 20U;
  std::uint32_t depth = 32;         ///< open tables and arrays, the document included; 1 to 64
  std::uint32_t items = 1U << 16U;  ///< keys, values and headers together; 1 or more
};

/// What becomes of values that JSON does not have.
enum class Foreign : std::uint8_t {
  plain,  ///< dates and times become texts; `nan` and `inf` are not_representable
  serde,  ///< dates and times become {"$__toml_private_datetime": text}; `nan` and `inf` null
};

/// Reads a TOML 1.1 document as JSON, the members of each table sorted by the bytes of their names.
/// Shape   integers from -2^63 to 2^64 - 1; floats as the shortest text that reads back.
/// Errors  syntax, too_large, too_deep, not_representable, each but too many bytes with line and
///         column in the detail.
/// Source  TOML 1.1.0; which texts are accepted is decided by the Rust crate `toml`, as upstream.
/// Cost    linear in the text; bounded before a tree is built.
Result<json::Object> parse(std::string_view text, Foreign foreign, Limits limits = {});

}  // namespace trustee::toml

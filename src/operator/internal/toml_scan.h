#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace trustee::operators::internal {

enum class TomlItemKind : std::uint8_t { comment, table, array_of_tables, pair };

/// One expression of a TOML text. Whole lines: [begin, end) starts with its first line and ends
/// behind its last newline.
struct TomlItem {
  TomlItemKind kind = TomlItemKind::comment;
  std::vector<std::string> path;  ///< from the root; of a pair the key included
  bool in_array = false;          ///< below an array of tables
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t value_begin = 0;  ///< of a pair: its value without white space around
  std::size_t value_end = 0;
};

/// The expressions of a text in their order; blank lines are not listed. The text has been read by
/// toml::parse before. Errors: toml_not_editable (what this scanner does not follow).
Result<std::vector<TomlItem>> scan_toml(std::string_view text);

}  // namespace trustee::operators::internal

#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/error.h"

namespace trustee {

/// One row of a module's table of upstream's words.
struct CodeText {
  Code code;
  std::string_view text;
};

/// The words for `code`; nothing where the table has no row for it. Lifetime: that of the table.
/// Cost  one comparison for each row: on the way to a refusal only.
inline std::optional<std::string_view> find_text(std::span<const CodeText> table,
                                                 const Code& code) {
  for (const CodeText& row : table) {
    if (row.code == code) return row.text;
  }
  return std::nullopt;
}

}  // namespace trustee

#pragma once

#include <string>
#include <string_view>

namespace trustee::log::internal {

/// Whether the quote and the backslash are escaped too, as inside a JSON string.
enum class Quotes : bool { keep, escape };

/// Appends `text` so that it cannot break out of its line: cut to kMaxText, well-formed UTF-8, no
/// control characters of C0 and C1, no DEL, no line separators, no bidirectional controls.
void append_escaped(std::string& out, std::string_view text, Quotes quotes);

/// The same between double quotes: a JSON string.
void append_quoted(std::string& out, std::string_view text);

}  // namespace trustee::log::internal

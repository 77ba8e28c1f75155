#pragma once

#include <string>
#include <string_view>

// Texts of servers, fit for a terminal: control characters (C0, DEL, C1), line separators and
// bidirectional controls are escaped, ill-formed UTF-8 becomes U+FFFD.

namespace trustee::client {

/// One line; escapes as in JSON, quotes and backslashes stay.
std::string printable(std::string_view text);
/// The same, but line feeds stay. A JSON text without tabs and carriage returns between its tokens
/// stays the same JSON.
std::string printable_lines(std::string_view text);

/// A text as Rust's `{:?}` prints it: between quotes, with Rust's escapes.
std::string debug_quoted(std::string_view text);

}  // namespace trustee::client

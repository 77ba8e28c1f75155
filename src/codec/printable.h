#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace trustee::codec {

/// Whether the quote and the backslash are escaped too, as inside a JSON string.
enum class Quotes : bool { keep, escape };

/// Bytes of one text that are shown unless told otherwise.
inline constexpr std::size_t kMaxPrintable = 8192;

/// Appends a text that somebody else wrote so that it cannot break out of its line, nor move what
/// stands around it: well-formed UTF-8; control characters of C0 and C1, DEL, line separators and
/// bidirectional controls as `\n`, `\r`, `\t` or `\u` escapes; at most `limit` bytes of it, the
/// rest counted. What is printable already, and no longer, stays as it is.
void append_printable(std::string& out, std::string_view text, Quotes quotes = Quotes::keep,
                      std::size_t limit = kMaxPrintable);

/// The same between double quotes: a JSON string.
void append_printable_quoted(std::string& out, std::string_view text,
                             std::size_t limit = kMaxPrintable);

/// The same, unquoted, as a text of its own.
std::string printable(std::string_view text);
/// The whole text, its line feeds kept. A JSON text without tabs and carriage returns between its
/// tokens stays the same JSON.
std::string printable_lines(std::string_view text);

/// The whole text as Rust's `{:?}` prints it: between quotes, with Rust's escapes (`\0`, `\u{1b}`)
/// for the same characters.
std::string debug_quoted(std::string_view text);

}  // namespace trustee::codec

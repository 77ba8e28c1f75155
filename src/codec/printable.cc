#include "codec/printable.h"

#include <cstdint>

#include "codec/utf8.h"

namespace trustee::codec {
namespace {

/// The character at the front of well-formed UTF-8.
struct Character {
  std::uint32_t value;
  std::size_t bytes;
};

Character front_of(std::string_view text) {
  const auto lead = static_cast<std::uint8_t>(text.front());
  if (lead < 0x80) return {lead, 1};
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  std::uint32_t value = lead & (0x7FU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    value = value << 6U | (static_cast<std::uint8_t>(text[i]) & 0x3FU);
  }
  return {value, bytes};
}

/// C0, DEL, C1, line and paragraph separators, bidirectional marks, embeddings and isolates.
bool is_unsafe(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x061C || c == 0x200E || c == 0x200F ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

void append_code(std::string& out, std::uint32_t c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  if (c == '\n') {
    out += "\\n";
  } else if (c == '\r') {
    out += "\\r";
  } else if (c == '\t') {
    out += "\\t";
  } else {
    out += "\\u";
    for (const unsigned shift : {12U, 8U, 4U, 0U}) {
      out += kHex[c >> shift & 15U];
    }
  }
}

}  // namespace

void append_printable(std::string& out, std::string_view text, Quotes quotes, std::size_t limit) {
  const std::size_t cut = text.size() > limit ? text.size() - limit : 0;
  const std::string clean = utf8_lossy(text.substr(0, text.size() - cut));
  for (std::string_view rest = clean; !rest.empty();) {
    const Character c = front_of(rest);
    if (is_unsafe(c.value)) {
      append_code(out, c.value);
    } else {
      if (quotes == Quotes::escape && (c.value == '"' || c.value == '\\')) out += '\\';
      out += rest.substr(0, c.bytes);
    }
    rest.remove_prefix(c.bytes);
  }
  if (cut > 0) out += "[cut " + std::to_string(cut) + " bytes]";
}

void append_printable_quoted(std::string& out, std::string_view text, std::size_t limit) {
  out += '"';
  append_printable(out, text, Quotes::escape, limit);
  out += '"';
}

std::string printable(std::string_view text) {
  std::string out;
  append_printable(out, text);
  return out;
}

}  // namespace trustee::codec

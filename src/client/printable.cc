#include "client/printable.h"

#include <cstdint>
#include <cstdio>

#include "codec/utf8.h"

namespace trustee::client {
namespace {

/// The character at the front of well-formed UTF-8.
struct Character {
  std::uint32_t value;
  std::string_view text;
};

Character front_of(std::string_view text) {
  const auto lead = static_cast<std::uint8_t>(text.front());
  if (lead < 0x80) return {lead, text.substr(0, 1)};
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  std::uint32_t value = lead & (0x7FU >> bytes);
  for (const char c : text.substr(1, bytes - 1)) {
    value = value << 6U | (static_cast<std::uint8_t>(c) & 0x3FU);
  }
  return {value, text.substr(0, bytes)};
}

bool is_unsafe(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x061C || c == 0x200E || c == 0x200F ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

enum class Escapes : bool { json, rust };

std::string escape_of(std::uint32_t c, Escapes kind) {
  if (c == '\n') return "\\n";
  if (c == '\r') return "\\r";
  if (c == '\t') return "\\t";
  char text[16];
  if (kind == Escapes::json) {
    std::snprintf(text, sizeof text, "\\u%04x", c);
  } else {
    std::snprintf(text, sizeof text, "\\u{%x}", c);
  }
  return text;
}

template <class Escaped>
std::string rewritten(std::string_view text, Escaped escaped) {
  const std::string clean = codec::utf8_lossy(text);
  std::string out;
  for (std::string_view rest = clean; !rest.empty();) {
    const Character c = front_of(rest);
    out += escaped(c);
    rest.remove_prefix(c.text.size());
  }
  return out;
}

}  // namespace

std::string printable(std::string_view text) {
  return rewritten(text, [](const Character& c) {
    return is_unsafe(c.value) ? escape_of(c.value, Escapes::json) : std::string(c.text);
  });
}

std::string printable_lines(std::string_view text) {
  std::string out;
  for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    out += printable(text.substr(0, end)) + '\n';
    text.remove_prefix(end + 1);
  }
  return out + printable(text);
}

std::string debug_quoted(std::string_view text) {
  return '"' +
         rewritten(text,
                   [](const Character& c) {
                     if (c.value == '"' || c.value == '\\') return '\\' + std::string(c.text);
                     if (c.value == 0) return std::string("\\0");
                     return is_unsafe(c.value) ? escape_of(c.value, Escapes::rust)
                                               : std::string(c.text);
                   }) +
         '"';
}

}  // namespace trustee::client

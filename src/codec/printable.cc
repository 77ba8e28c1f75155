#include "codec/printable.h"

#include <array>
#include <cstdint>
#include <cstdio>

#include "codec/utf8.h"

namespace trustee::codec {
namespace {

struct Character {
  std::uint32_t value;
  std::string_view text;
};

/// The character at the front of well-formed UTF-8.
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

/// C0, DEL, C1, line and paragraph separators, bidirectional marks, embeddings and isolates.
bool is_unsafe(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x061C || c == 0x200E || c == 0x200F ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

enum class Escapes : bool { json, rust };

void append_escape(std::string& out, std::uint32_t c, Escapes kind) {
  if (c == '\n') {
    out += "\\n";
  } else if (c == '\r') {
    out += "\\r";
  } else if (c == '\t') {
    out += "\\t";
  } else if (c == 0 && kind == Escapes::rust) {
    out += "\\0";
  } else {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), kind == Escapes::json ? "\\u%04x" : "\\u{%x}", c);
    out += text.data();
  }
}

/// Every character, the unsafe ones escaped, the others as `append_safe` has them.
template <class AppendSafe>
void append_characters(std::string& out, std::string_view text, Escapes kind,
                       AppendSafe append_safe) {
  const std::string clean = utf8_lossy(text);
  for (std::string_view rest = clean; !rest.empty();) {
    const Character c = front_of(rest);
    if (is_unsafe(c.value)) {
      append_escape(out, c.value, kind);
    } else {
      append_safe(c);
    }
    rest.remove_prefix(c.text.size());
  }
}

}  // namespace

void append_printable(std::string& out, std::string_view text, Quotes quotes, std::size_t limit) {
  const std::size_t cut = text.size() > limit ? text.size() - limit : 0;
  append_characters(out, text.substr(0, text.size() - cut), Escapes::json, [&](const Character& c) {
    const bool special = c.value == '"' || c.value == '\\';
    if (quotes == Quotes::escape && special) out += '\\';
    out += c.text;
  });
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

std::string printable_lines(std::string_view text) {
  std::string out;
  const auto add = [&out](std::string_view line) {
    append_printable(out, line, Quotes::keep, std::string_view::npos);
  };
  for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    add(text.substr(0, end));
    out += '\n';
    text.remove_prefix(end + 1);
  }
  add(text);
  return out;
}

std::string debug_quoted(std::string_view text) {
  std::string out = "\"";
  append_characters(out, text, Escapes::rust, [&out](const Character& c) {
    if (c.value == '"' || c.value == '\\') out += '\\';
    out += c.text;
  });
  return out + '"';
}

}  // namespace trustee::codec

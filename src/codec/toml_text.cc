#include "codec/toml_text.h"

#include <algorithm>
#include <string>

namespace trustee::codec {
namespace {

/// A string begins only behind one of these, or the library may see no string.
constexpr std::string_view kBeforeString = " \t\r\n=[]{},.\xbf";

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

bool at(std::string_view text, std::size_t pos, std::string_view what) {
  return text.substr(std::min(pos, text.size())).starts_with(what);
}

/// Where the string that begins at `pos` ends: behind its closing quotes, or where a character
/// follows that the parser must not see.
std::size_t string_end(std::string_view text, std::size_t pos) {
  const char quote = text[pos];
  const bool multi_line = at(text, pos, std::string(3, quote));
  pos += multi_line ? 3 : 1;
  while (pos < text.size()) {
    const char c = text[pos];
    if (c == '\\' && quote == '"') {
      const std::size_t next = text.find_first_not_of(" \t\r\n", pos + 1);
      if (next != std::string_view::npos && !is_ascii(text[next])) return next;
      pos += 2;
      continue;
    }
    if (!multi_line && c == '\n') return pos;
    if (c == quote && !multi_line) return pos + 1;
    if (c == quote && at(text, pos, std::string(3, quote))) {
      pos += 3;
      for (int more = 0; more < 2 && at(text, pos, std::string(1, quote)); ++more) ++pos;
      return pos;
    }
    ++pos;
  }
  return text.size();
}

}  // namespace

std::size_t misplaced_toml_character(std::string_view text) {
  if (std::ranges::all_of(text, is_ascii)) return std::string_view::npos;
  std::size_t pos = at(text, 0, "\xef\xbb\xbf") ? 3 : 0;
  while (pos < text.size()) {
    const char c = text[pos];
    if (!is_ascii(c)) return pos;
    if (c == '#') {
      pos = std::min(text.find('\n', pos), text.size());
    } else if (c == '"' || c == '\'') {
      if (pos > 0 && kBeforeString.find(text[pos - 1]) == std::string_view::npos) return pos;
      pos = string_end(text, pos);
    } else {
      ++pos;
    }
  }
  return std::string_view::npos;
}

}  // namespace trustee::codec

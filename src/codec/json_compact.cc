#include "codec/json_compact.h"

namespace trustee::json {

std::string compacted(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool in_string = false;
  bool escaped = false;
  for (const char c : text) {
    if (!in_string && std::string_view(" \t\r\n").find(c) != std::string_view::npos) continue;
    if (c == '"' && !escaped) in_string = !in_string;
    escaped = in_string && c == '\\' && !escaped;
    out.push_back(c);
  }
  return out;
}

}  // namespace trustee::json

#include "net/access_line.h"

#include <array>
#include <cstdio>
#include <string_view>

namespace trustee::net {
namespace {

constexpr std::size_t kMaxQuoted = 1024;  // of one text; a 256 KiB target does not fill the log

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  if (text.empty()) out += '-';
  for (const char c : text.substr(0, kMaxQuoted)) {
    const auto b = static_cast<unsigned char>(c);
    if (b < 0x20 || b > 0x7e || c == '"' || c == '\\') {
      out += "\\x";
      out += "0123456789abcdef"[b >> 4];
      out += "0123456789abcdef"[b & 15];
    } else {
      out += c;
    }
  }
  if (text.size() > kMaxQuoted) out += "...";
  out += '"';
}

}  // namespace

std::string without_query(std::string_view target) {
  const std::size_t mark = target.find('?');
  if (mark == std::string_view::npos) return std::string(target);
  return std::string(target.substr(0, mark + 1)) + "...";
}

std::string access_line(const Exchange& e) {
  std::string out;
  out.reserve(160);
  out += e.peer_address.empty() ? "-" : e.peer_address;
  out += ' ';
  append_quoted(out, e.request_line);
  out += ' ';
  out += std::to_string(e.status);
  out += ' ';
  out += std::to_string(e.response_bytes);
  out += ' ';
  append_quoted(out, e.referer);
  out += ' ';
  append_quoted(out, e.user_agent);
  std::array<char, 32> seconds{};
  std::snprintf(seconds.data(), seconds.size(), " %.6f ",
                static_cast<double>(e.total.count()) / 1e6);
  out += seconds.data();
  out += e.id.empty() ? "-" : e.id.text();
  return out;
}

}  // namespace trustee::net

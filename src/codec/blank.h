#pragma once

#include <string_view>

namespace trustee::codec {

/// What may stand around a value in a field. Source: RFC 9110 5.6.3.
inline constexpr std::string_view kBlank = " \t";
/// What editors and shells leave around a text in a file.
inline constexpr std::string_view kBlankOrLineEnd = " \t\r\n";

/// The text without any of `blank` at its ends. Lifetime: that of `text`.
constexpr std::string_view trimmed(std::string_view text, std::string_view blank) {
  const std::size_t first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

}  // namespace trustee::codec

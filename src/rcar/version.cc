#include "rcar/version.h"

#include <algorithm>
#include <string>

#include "base/try.h"

namespace trustee::rcar {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_identifier_char(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

/// Takes the text up to `separator` off; without one, all of it.
std::string_view take_until(std::string_view& text, char separator) {
  const std::size_t at = text.find(separator);
  const std::string_view head = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return head;
}

// numeric identifier: 0, or digits without a leading zero; here of at most 64 bits
bool is_number(std::string_view text) {
  constexpr std::string_view kLargest = "18446744073709551615";
  if (text.empty() || !std::ranges::all_of(text, is_digit)) return false;
  if (text.size() > 1 && text.front() == '0') return false;
  return text.size() < kLargest.size() || (text.size() == kLargest.size() && text <= kLargest);
}

// dot separated identifiers, none empty
bool are_identifiers(std::string_view text, bool leading_zeros) {
  std::size_t dots = static_cast<std::size_t>(std::ranges::count(text, '.'));
  for (std::size_t i = 0; i <= dots; ++i) {
    const std::string_view id = take_until(text, '.');
    if (id.empty() || !std::ranges::all_of(id, is_identifier_char)) return false;
    const bool numeric = std::ranges::all_of(id, is_digit);
    if (numeric && !leading_zeros && id.size() > 1 && id.front() == '0') return false;
  }
  return true;
}

struct Version {
  std::string_view core;         // major.minor.patch
  std::string_view pre_release;  // empty: none
};

Result<Version> parse(std::string_view text) {
  constexpr std::size_t kMaxSize = 256;
  if (text.size() > kMaxSize) return Error(Errc::version_malformed, "too long");
  const bool has_build = text.find('+') != std::string_view::npos;
  std::string_view build = text;
  std::string_view rest = take_until(build, '+');
  const bool has_pre_release = rest.find('-') != std::string_view::npos;
  Version version;
  version.core = take_until(rest, '-');
  version.pre_release = rest;
  std::string_view numbers = version.core;
  const bool fine = std::ranges::count(numbers, '.') == 2 && is_number(take_until(numbers, '.')) &&
                    is_number(take_until(numbers, '.')) && is_number(numbers) &&
                    (!has_pre_release || are_identifiers(version.pre_release, false)) &&
                    (!has_build || are_identifiers(build, true));
  if (!fine) return Error(Errc::version_malformed, std::string(text));
  return version;
}

}  // namespace

Result<void> check_protocol_version(std::string_view version) {
  TRY(const Version parsed, parse(version));
  if (parsed.core != kProtocolVersion || !parsed.pre_release.empty()) {
    return Error(Errc::version_mismatch, std::string(version));
  }
  return {};
}

}  // namespace trustee::rcar

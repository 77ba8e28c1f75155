#include "client/cookies.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "codec/blank.h"

namespace trustee::client {
namespace {

/// What stands before and behind the first `sign`; all of it and nothing when there is none.
std::pair<std::string_view, std::string_view> parted(std::string_view text, char sign) {
  const std::size_t at = text.find(sign);
  if (at == std::string_view::npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + 1)};
}

bool is_graphic(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

bool is_max_age(std::string_view name) {
  return std::ranges::equal(name, std::string_view("max-age"), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b;
  });
}

/// Whether the attributes end the cookie. Source  RFC 6265 5.2.2.
bool is_ended(std::string_view attributes) {
  bool ended = false;
  while (!attributes.empty()) {
    const auto [attribute, rest] = parted(attributes, ';');
    const auto [name, value] = parted(attribute, '=');
    const std::string_view age = codec::trimmed(value, codec::kBlank);
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(age.data(), age.data() + age.size(), seconds);
    const bool is_number = error == std::errc() && end == age.data() + age.size();
    if (is_max_age(codec::trimmed(name, codec::kBlank)) && is_number) ended = seconds <= 0;
    attributes = rest;
  }
  return ended;
}

}  // namespace

void Cookies::take(const std::vector<std::string>& fields) {
  for (const std::string& field : fields) {
    take_one(field);
  }
}

void Cookies::take_one(std::string_view field) {
  const auto [pair, attributes] = parted(field, ';');
  const auto [raw_name, raw_value] = parted(pair, '=');
  const std::string_view name = codec::trimmed(raw_name, codec::kBlank);
  const std::string_view value = codec::trimmed(raw_value, codec::kBlank);
  if (name.empty() || !is_graphic(name) || name.find(' ') != std::string_view::npos) return;
  if (value.empty() || is_ended(attributes)) return forget(name);
  if (!is_graphic(value) || name.size() + value.size() > kMaxCookie) return;
  const auto old = std::ranges::find(kept_, name, &std::pair<std::string, std::string>::first);
  if (old != kept_.end()) {
    old->second = value;
    return;
  }
  const std::size_t others = kept_.size() - (has(kSession) ? 1 : 0);
  if (name == kSession || others < kMaxOthers) kept_.emplace_back(name, value);
}

void Cookies::forget(std::string_view name) {
  std::erase_if(kept_, [&](const auto& cookie) { return cookie.first == name; });
}

bool Cookies::has(std::string_view name) const {
  return std::ranges::any_of(kept_, [&](const auto& cookie) { return cookie.first == name; });
}

std::string Cookies::field() const {
  std::string out;
  for (const auto& [name, value] : kept_) {
    out += (out.empty() ? "" : "; ") + name + '=' + value;
  }
  return out;
}

}  // namespace trustee::client

#include "codec/base64.h"

#include <array>

#include "codec/errors.h"

namespace trustee::codec {
namespace {

constexpr std::string_view kStandard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kNone = 0xff;

constexpr std::array<std::uint8_t, 256> reverse(std::string_view alphabet) {
  std::array<std::uint8_t, 256> table{};
  table.fill(kNone);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}
constexpr auto kStandardValues = reverse(kStandard);
constexpr auto kUrlValues = reverse(kUrl);

std::string encode(Bytes in, std::string_view alphabet, bool padded) {
  std::string out;
  out.reserve((in.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < in.size(); i += 3) {
    const Bytes group = in.subspan(i, in.size() - i < 3 ? in.size() - i : 3);
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      bits = bits << 8U | (j < group.size() ? group[j] : 0U);
    }
    for (std::size_t j = 0; j <= group.size(); ++j) {
      out += alphabet[bits >> (18U - 6U * j) & 63U];
    }
    if (padded) out.append(3 - group.size(), '=');
  }
  return out;
}

Error malformed(const char* what) { return Error(Errc::base64_malformed, what); }

/// Takes the padding off, which must complete the last group of four and no more.
Result<std::string_view> without_padding(std::string_view text) {
  if (text.size() % 4 != 0) return malformed("the length is no multiple of 4");
  for (int i = 0; i < 2 && text.ends_with('='); ++i) {
    text.remove_suffix(1);
  }
  return text;
}

Result<ByteVec> decode(std::string_view text, const std::array<std::uint8_t, 256>& values) {
  if (text.size() % 4 == 1) return malformed("one character is left over");
  ByteVec out;
  out.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  unsigned held = 0;  // bits not yet written, at most 6 after a step
  for (const char c : text) {
    const std::uint8_t value = values[static_cast<std::uint8_t>(c)];
    if (value == kNone) return malformed("a character outside the alphabet");
    bits = (bits << 6U | value) & 0xffffU;
    held += 6;
    if (held >= 8) {
      held -= 8;
      out.push_back(static_cast<std::uint8_t>(bits >> held & 0xffU));
    }
  }
  if ((bits & ((1U << held) - 1U)) != 0) return malformed("unused trailing bits are not zero");
  return out;
}

}  // namespace

std::string base64_encode(Bytes in) { return encode(in, kStandard, true); }
std::string base64url_encode(Bytes in) { return encode(in, kUrl, false); }
std::string base64url_padded_encode(Bytes in) { return encode(in, kUrl, true); }

Result<ByteVec> base64_decode(std::string_view text) {
  auto body = without_padding(text);
  if (!body.ok()) return std::move(body).error();
  return decode(*body, kStandardValues);
}

Result<ByteVec> base64url_decode(std::string_view text) { return decode(text, kUrlValues); }

Result<ByteVec> base64url_padded_decode(std::string_view text) {
  auto body = without_padding(text);
  if (!body.ok()) return std::move(body).error();
  return decode(*body, kUrlValues);
}

}  // namespace trustee::codec

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
  const std::size_t tail = in.size() % 3;
  const std::size_t whole = in.size() - tail;
  std::string out((in.size() + 2) / 3 * 4, '=');
  char* to = out.data();
  const auto put = [&](std::uint32_t bits, unsigned characters) {
    for (unsigned j = 0; j < characters; ++j) {
      *to++ = alphabet[bits >> (18U - 6U * j) & 63U];
    }
  };
  for (std::size_t i = 0; i < whole; i += 3) {
    put(std::uint32_t{in[i]} << 16U | std::uint32_t{in[i + 1]} << 8U | in[i + 2], 4);
  }
  if (tail == 1) put(std::uint32_t{in[whole]} << 16U, 2);
  if (tail == 2) put(std::uint32_t{in[whole]} << 16U | std::uint32_t{in[whole + 1]} << 8U, 3);
  if (!padded) out.resize(static_cast<std::size_t>(to - out.data()));
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
  const std::size_t tail = text.size() % 4;
  if (tail == 1) return malformed("one character is left over");
  ByteVec out(text.size() / 4 * 3 + (tail == 0 ? 0 : tail - 1));
  std::uint8_t* to = out.data();
  std::uint8_t seen = 0;  // above 63 as soon as a character is outside the alphabet
  // The next `characters` as the upper bits of 24.
  const auto take = [&](std::size_t characters) {
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < characters; ++i) {
      const std::uint8_t value = values[static_cast<std::uint8_t>(text[i])];
      seen |= value;
      bits |= std::uint32_t{value} << (18U - 6U * i);
    }
    text.remove_prefix(characters);
    return bits;
  };
  while (text.size() >= 4) {
    const std::uint32_t bits = take(4);
    *to++ = static_cast<std::uint8_t>(bits >> 16U);
    *to++ = static_cast<std::uint8_t>(bits >> 8U);
    *to++ = static_cast<std::uint8_t>(bits);
  }
  const std::uint32_t rest = take(tail);
  for (std::size_t i = 0; i + 1 < tail; ++i) {
    *to++ = static_cast<std::uint8_t>(rest >> (16U - 8U * i));
  }
  if (seen > 63) return malformed("a character outside the alphabet");
  const std::uint32_t unused = tail == 2 ? 0xffffU : tail == 3 ? 0xffU : 0U;
  if ((rest & unused) != 0) return malformed("unused trailing bits are not zero");
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

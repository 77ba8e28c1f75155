#include "codec/hex.h"

#include "codec/errors.h"

namespace trustee::codec {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

/// 0 to 15, or -1 for any other character.
int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string hex_encode(Bytes in) {
  std::string out;
  out.reserve(in.size() * 2);
  for (const std::uint8_t b : in) {
    out += kDigits[b >> 4U];
    out += kDigits[b & 15U];
  }
  return out;
}

Result<ByteVec> hex_decode(std::string_view text) {
  if (text.size() % 2 != 0) return Error(Errc::hex_malformed, "odd number of digits");
  ByteVec out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit_value(text[i]);
    const int low = digit_value(text[i + 1]);
    if (high < 0 || low < 0) {
      return Error(Errc::hex_malformed, "no hexadecimal digit near offset " + std::to_string(i));
    }
    out.push_back(static_cast<std::uint8_t>(high * 16 + low));
  }
  return out;
}

}  // namespace trustee::codec

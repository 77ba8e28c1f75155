#include "codec/hex.h"

#include "codec/errors.h"
#include "codec/internal/hex_digit.h"

namespace trustee::codec {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

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
    const int high = internal::hex_digit(text[i]);
    const int low = internal::hex_digit(text[i + 1]);
    if (high < 0 || low < 0) {
      return Error(Errc::hex_malformed, "no hexadecimal digit near offset " + std::to_string(i));
    }
    out.push_back(static_cast<std::uint8_t>(high * 16 + low));
  }
  return out;
}

}  // namespace trustee::codec

#include "codec/utf8.h"

namespace trustee::codec {
namespace {

/// What may follow one lead byte: how many continuation bytes, and the range of the first of them,
/// which is where overlong forms, surrogates and values above U+10FFFF are excluded.
struct Lead {
  std::size_t continuation;
  std::uint8_t low;
  std::uint8_t high;
};

/// Source  The Unicode Standard, table "Well-Formed UTF-8 Byte Sequences".
constexpr Lead lead_of(std::uint8_t b) {
  if (b >= 0xC2 && b <= 0xDF) return {1, 0x80, 0xBF};
  if (b == 0xE0) return {2, 0xA0, 0xBF};
  if (b == 0xED) return {2, 0x80, 0x9F};
  if (b >= 0xE1 && b <= 0xEF) return {2, 0x80, 0xBF};
  if (b == 0xF0) return {3, 0x90, 0xBF};
  if (b >= 0xF1 && b <= 0xF3) return {3, 0x80, 0xBF};
  if (b == 0xF4) return {3, 0x80, 0x8F};
  return {0, 0, 0};
}

}  // namespace

bool is_utf8(Bytes in) {
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (in[i] < 0x80) continue;
    const Lead lead = lead_of(in[i]);
    if (lead.continuation == 0 || in.size() - i <= lead.continuation) return false;
    if (in[i + 1] < lead.low || in[i + 1] > lead.high) return false;
    for (std::size_t j = 2; j <= lead.continuation; ++j) {
      if ((in[i + j] & 0xC0U) != 0x80U) return false;
    }
    i += lead.continuation;
  }
  return true;
}

}  // namespace trustee::codec

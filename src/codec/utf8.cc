#include "codec/utf8.h"

#include <cstring>

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

/// What stands at the front of a non-empty input.
struct Front {
  std::size_t bytes;  ///< length of the character, or of the maximal ill-formed part; at least 1
  bool well_formed;
};

Front front_of(Bytes in) {
  if (in.front() < 0x80) return {1, true};
  const Lead lead = lead_of(in.front());
  if (lead.continuation == 0) return {1, false};
  for (std::size_t i = 1; i <= lead.continuation; ++i) {
    if (i == in.size()) return {i, false};
    const std::uint8_t low = i == 1 ? lead.low : 0x80;
    const std::uint8_t high = i == 1 ? lead.high : 0xBF;
    if (in[i] < low || in[i] > high) return {i, false};
  }
  return {lead.continuation + 1, true};
}

}  // namespace

bool is_utf8(Bytes in) {
  constexpr std::uint64_t kTopBits = 0x8080'8080'8080'8080;
  while (!in.empty()) {
    // ASCII goes by eight at a time.
    if (std::uint64_t eight = kTopBits; in.size() >= sizeof eight) {
      std::memcpy(&eight, in.data(), sizeof eight);
      if ((eight & kTopBits) == 0) {
        in = in.subspan(sizeof eight);
        continue;
      }
    }
    const Front front = front_of(in);
    if (!front.well_formed) return false;
    in = in.subspan(front.bytes);
  }
  return true;
}

std::string utf8_lossy(std::string_view text) {
  std::string out;
  Bytes in = as_bytes(text);
  while (!in.empty()) {
    const Front front = front_of(in);
    out += front.well_formed ? as_text(in.first(front.bytes)) : "\xEF\xBF\xBD";
    in = in.subspan(front.bytes);
  }
  return out;
}

}  // namespace trustee::codec

#include "codec/utf16.h"

#include "base/cursor.h"

namespace trustee::codec {

namespace {

constexpr std::uint32_t kReplacement = 0xFFFD;

bool is_high(std::uint32_t unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool is_low(std::uint32_t unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

/// The next code point, or nothing for an unpaired surrogate, which is consumed alone.
std::optional<std::uint32_t> next_code_point(Cursor& c) {
  const std::uint32_t unit = c.u16le();
  if (is_low(unit)) return std::nullopt;
  if (!is_high(unit)) return unit;
  if (c.remaining() < 2) return std::nullopt;
  Cursor ahead = c;
  const std::uint32_t low = ahead.u16le();
  if (!is_low(low)) return std::nullopt;
  c = ahead;
  return 0x10000U + ((unit - 0xD800U) << 10U) + (low - 0xDC00U);
}

void append(std::string& out, std::uint32_t point) {
  const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0U | (point >> 6U));
    put(0x80U | (point & 0x3FU));
  } else if (point < 0x10000) {
    put(0xE0U | (point >> 12U));
    put(0x80U | ((point >> 6U) & 0x3FU));
    put(0x80U | (point & 0x3FU));
  } else {
    put(0xF0U | (point >> 18U));
    put(0x80U | ((point >> 12U) & 0x3FU));
    put(0x80U | ((point >> 6U) & 0x3FU));
    put(0x80U | (point & 0x3FU));
  }
}

}  // namespace

std::optional<std::string> utf16le_decode(Bytes in) {
  if (in.size() % 2 != 0) return std::nullopt;
  std::string out;
  Cursor c(in);
  while (c.remaining() != 0) {
    const auto point = next_code_point(c);
    if (!point.has_value()) return std::nullopt;
    append(out, *point);
  }
  return out;
}

std::string utf16le_lossy(Bytes in) {
  std::string out;
  Cursor c(in);
  while (c.remaining() >= 2) {
    append(out, next_code_point(c).value_or(kReplacement));
  }
  return out;
}

}  // namespace trustee::codec

#include "base/cursor.h"

#include <string>

namespace trustee {

std::uint8_t Cursor::u8() { return static_cast<std::uint8_t>(little(1)); }
std::uint16_t Cursor::u16le() { return static_cast<std::uint16_t>(little(2)); }
std::uint32_t Cursor::u32le() { return static_cast<std::uint32_t>(little(4)); }
std::uint64_t Cursor::u64le() { return little(8); }
std::uint16_t Cursor::u16be() { return static_cast<std::uint16_t>(big(2)); }
std::uint32_t Cursor::u32be() { return static_cast<std::uint32_t>(big(4)); }
std::uint64_t Cursor::u64be() { return big(8); }

Bytes Cursor::take(std::size_t n) {
  if (failed_) return {};
  if (n > rest_.size()) {
    fail(CursorErrc::truncated);
    return {};
  }
  const Bytes out = rest_.first(n);
  rest_ = rest_.subspan(n);
  return out;
}

void Cursor::zeros(std::size_t n) {
  const std::size_t start = offset();
  for (const std::uint8_t b : take(n)) {
    if (b != 0) {
      fail(CursorErrc::reserved_not_zero);
      failed_at_ = start;
      return;
    }
  }
}

std::uint64_t Cursor::little(std::size_t n) {
  std::uint64_t out = 0;
  std::size_t shift = 0;
  for (const std::uint8_t b : take(n)) {
    out |= static_cast<std::uint64_t>(b) << shift;
    shift += 8;
  }
  return out;
}

std::uint64_t Cursor::big(std::size_t n) {
  std::uint64_t out = 0;
  for (const std::uint8_t b : take(n)) {
    out = (out << 8) | b;
  }
  return out;
}

Result<std::size_t> Cursor::bounded(std::uint64_t n, std::size_t max) const {
  if (failed_) return status().error();
  if (n > max) {
    return Error(CursorErrc::length_out_of_bounds, "length " + std::to_string(n) + " exceeds " +
                                                       std::to_string(max) + " before offset " +
                                                       std::to_string(offset()));
  }
  return static_cast<std::size_t>(n);
}

Result<std::size_t> Cursor::length_u8(std::size_t max) { return bounded(little(1), max); }
Result<std::size_t> Cursor::length_u16le(std::size_t max) { return bounded(little(2), max); }
Result<std::size_t> Cursor::length_u32le(std::size_t max) { return bounded(little(4), max); }
Result<std::size_t> Cursor::length_u16be(std::size_t max) { return bounded(big(2), max); }
Result<std::size_t> Cursor::length_u32be(std::size_t max) { return bounded(big(4), max); }

void Cursor::fail(CursorErrc code) {
  failed_ = true;
  code_ = code;
  failed_at_ = offset();
}

Result<void> Cursor::status() const {
  if (!failed_) return {};
  return Error(code_, "at offset " + std::to_string(failed_at_));
}

Result<void> Cursor::finish() const {
  if (failed_) return status();
  if (!rest_.empty()) {
    return Error(CursorErrc::trailing_bytes,
                 std::to_string(rest_.size()) + " bytes at offset " + std::to_string(offset()));
  }
  return {};
}

}  // namespace trustee

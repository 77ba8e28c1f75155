#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"

namespace trustee {

#define TRUSTEE_CURSOR_ERRORS(X)                              \
  X(truncated, guest, "the input ends before the field does") \
  X(trailing_bytes, guest, "bytes follow the last field")     \
  X(reserved_not_zero, guest, "a reserved field is not zero") \
  X(length_out_of_bounds, guest, "a length or count exceeds its limit")
TRUSTEE_ERROR_CODES(CursorErrc, "bytes", TRUSTEE_CURSOR_ERRORS)

/// Reads a fixed layout field by field, once, front to back. The first failed read poisons the
/// cursor: every later read yields zero or empty, and `finish()` reports the first failure with
/// its offset. Whatever steers control (length, count, tag, version) is read with a `length_*`
/// call, which fails at once and takes its bound.
/// Lifetime: views into the input, which must outlive every slice taken.
class Cursor {
 public:
  explicit Cursor(Bytes in) : all_(in), rest_(in) {}

  std::uint8_t u8();
  std::uint16_t u16le();
  std::uint32_t u32le();
  std::uint64_t u64le();
  std::uint16_t u16be();
  std::uint32_t u32be();
  std::uint64_t u64be();

  /// The next `n` bytes, as a view; empty when poisoned.
  Bytes take(std::size_t n);
  /// The next N bytes, copied; zeros when poisoned.
  template <std::size_t N>
  ByteArray<N> array() {
    ByteArray<N> out{};
    const Bytes b = take(N);
    for (std::size_t i = 0; i < b.size(); ++i) {
      out[i] = b[i];
    }
    return out;
  }
  /// Skips `n` bytes that must be zero.
  void zeros(std::size_t n);
  /// Skips `n` bytes whatever they are.
  void skip(std::size_t n) { (void)take(n); }

  /// Checked reads of a length or count; fail when poisoned or above `max`.
  Result<std::size_t> length_u8(std::size_t max);
  Result<std::size_t> length_u16le(std::size_t max);
  Result<std::size_t> length_u32le(std::size_t max);
  Result<std::size_t> length_u16be(std::size_t max);
  Result<std::size_t> length_u32be(std::size_t max);

  std::size_t offset() const { return all_.size() - rest_.size(); }
  std::size_t remaining() const { return rest_.size(); }
  bool failed() const { return failed_; }

  /// The first failure so far, if any; does not mind trailing bytes.
  Result<void> status() const;
  /// The first failure, or `trailing_bytes` when input is left.
  [[nodiscard]] Result<void> finish() const;

 private:
  std::uint64_t little(std::size_t n);
  std::uint64_t big(std::size_t n);
  Result<std::size_t> bounded(std::uint64_t n, std::size_t max) const;
  void fail(CursorErrc code);

  Bytes all_;
  Bytes rest_;
  bool failed_ = false;
  CursorErrc code_ = CursorErrc::truncated;
  std::size_t failed_at_ = 0;
};

}  // namespace trustee

#include <algorithm>

#include "base/try.h"
#include "net/internal/request_parser.h"

namespace trustee::net {
namespace {

/// The value of a hexadecimal digit, or -1.
int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Result<std::size_t> ChunkDecoder::feed(Bytes input, WipedVec& body) {
  std::size_t used = 0;
  while (!done() && used < input.size()) {
    const Bytes rest = input.subspan(used);
    if (state_ == State::data) {
      TRY(const std::size_t n, take_data(rest, body));
      used += n;
    } else {
      TRY(const std::size_t n, take_line(rest));
      used += n;
    }
  }
  return used;
}

Result<std::size_t> ChunkDecoder::take_data(Bytes input, WipedVec& body) {
  const std::size_t n = std::min<std::uint64_t>(left_, input.size());
  if (n > max_ - body.size()) return Errc::body_too_large;
  body.insert(body.end(), input.begin(), input.begin() + static_cast<std::ptrdiff_t>(n));
  left_ -= n;
  if (left_ == 0) state_ = State::data_end;
  return n;
}

Result<std::size_t> ChunkDecoder::take_line(Bytes input) {
  std::size_t used = 0;
  for (const std::uint8_t b : input) {
    used += 1;
    if (after_cr_) {
      if (b != '\n') return Errc::chunk_malformed;
      after_cr_ = false;
      TRY_VOID(end_of_line());
      line_.clear();
      return used;
    }
    if (b == '\r') {
      after_cr_ = true;
    } else if ((b < 0x20 && b != '\t') || b == 0x7f || state_ == State::data_end) {
      return Errc::chunk_malformed;
    } else if (line_.size() >= kMaxChunkLine) {
      return Errc::chunk_malformed;
    } else {
      line_ += static_cast<char>(b);
    }
  }
  return used;
}

Result<void> ChunkDecoder::end_of_line() {
  switch (state_) {
    case State::size:
      return begin_chunk();
    case State::data_end:
      state_ = State::size;
      return {};
    case State::trailer:
      trailer_bytes_ += line_.size();
      if (trailer_bytes_ > kMaxChunkLine) return Errc::chunk_malformed;
      if (line_.empty()) state_ = State::done;
      return {};
    case State::data:
    case State::done:
      break;
  }
  return Errc::chunk_malformed;
}

Result<void> ChunkDecoder::begin_chunk() {
  constexpr std::size_t kMaxDigits = 15;
  std::uint64_t size = 0;
  std::size_t digits = 0;
  while (digits < line_.size() && hex_value(line_[digits]) >= 0) {
    if (digits == kMaxDigits) return Errc::chunk_malformed;
    size = size * 16 + static_cast<std::uint64_t>(hex_value(line_[digits]));
    digits += 1;
  }
  if (digits == 0) return Errc::chunk_malformed;
  if (digits < line_.size() && line_[digits] != ';') return Errc::chunk_malformed;
  extension_bytes_ += line_.size() - digits;
  if (extension_bytes_ > kMaxExtensions) return Errc::chunk_malformed;
  if (size > max_) return Errc::body_too_large;
  left_ = size;
  state_ = size == 0 ? State::trailer : State::data;
  return {};
}

}  // namespace trustee::net

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace trustee {

/// A copy of `bytes` with one bit turned over; bit 0 is the lowest of the first byte.
inline ByteVec flipped(Bytes bytes, std::size_t bit) {
  ByteVec out = to_vec(bytes);
  out.at(bit / 8) = static_cast<std::uint8_t>(out.at(bit / 8) ^ (1U << (bit % 8)));
  return out;
}

/// How many of the texts that `text` begins with are read, the whole one left out. Evidence cut
/// anywhere must not be read at all.
template <class Parse>
std::size_t accepted_beginnings(std::string_view text, Parse parse) {
  std::size_t accepted = 0;
  for (std::size_t size = 0; size < text.size(); ++size) {
    if (parse(text.substr(0, size)).ok()) ++accepted;
  }
  return accepted;
}

}  // namespace trustee

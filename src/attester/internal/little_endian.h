#pragma once

#include "base/bytes.h"

namespace trustee::attester::internal {

/// Appends the lowest `size` bytes of `n`, lowest first.
inline void append_le(ByteVec& out, std::uint64_t n, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    out.push_back(static_cast<std::uint8_t>(n >> (8 * i)));
  }
}

}  // namespace trustee::attester::internal

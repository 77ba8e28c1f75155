#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace trustee {

/// Bytes somebody else owns. Read untrusted input through Cursor, never by index.
using Bytes = std::span<const std::uint8_t>;
/// Bytes we own.
using ByteVec = std::vector<std::uint8_t>;
/// Exactly N bytes.
template <std::size_t N>
using ByteArray = std::array<std::uint8_t, N>;

/// The bytes of a text. Lifetime: that of `text`.
inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// The bytes seen as text, unchecked. Lifetime: that of `bytes`.
inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline ByteVec to_vec(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

/// Byte-wise equality of public data. For secrets use equal_ct.
inline bool equal(Bytes a, Bytes b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

/// Equality whose time depends on the lengths only.
inline bool equal_ct(Bytes a, Bytes b) {
  if (a.size() != b.size()) return false;
  volatile std::uint8_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = static_cast<std::uint8_t>(difference | (a[i] ^ b[i]));
  }
  return difference == 0;
}

/// `regularise` of the specification: right-pads with zeros to N bytes or cuts to the first N.
template <std::size_t N>
ByteArray<N> regularised(Bytes in) {
  ByteArray<N> out{};
  const std::size_t n = in.size() < N ? in.size() : N;
  for (std::size_t i = 0; i < n; ++i) {
    out[i] = in[i];
  }
  return out;
}

}  // namespace trustee

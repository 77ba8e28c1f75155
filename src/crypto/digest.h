#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace trustee::crypto {

/// The digests of the protocol; the wire names are `sha256`, `sha384`, `sha512`, `sm3`.
enum class Hash : std::uint8_t { sha256, sha384, sha512, sm3 };

std::string_view to_string(Hash h);                                  ///< lower case
std::optional<Hash> hash_from_name(std::string_view name);           ///< exactly lower case
std::optional<Hash> hash_from_name_any_case(std::string_view name);  ///< ASCII case ignored
std::size_t digest_size(Hash h);                                     ///< bytes: 32, 48, 64, 32

/// A digest of up to 64 bytes, by value.
class Digest {
 public:
  Digest() = default;
  Bytes bytes() const { return Bytes(data_).first(size_); }
  std::size_t size() const { return size_; }
  friend bool operator==(const Digest& a, const Digest& b) { return equal(a.bytes(), b.bytes()); }

 private:
  friend Digest digest(Hash, std::initializer_list<Bytes>);
  std::array<std::uint8_t, 64> data_{};
  std::uint8_t size_ = 0;
};

/// The digest of the concatenation of `parts`. Cannot fail: the algorithms are fetched once at
/// start and their absence stops the process.
Digest digest(Hash h, std::initializer_list<Bytes> parts);
inline Digest digest(Hash h, Bytes data) { return digest(h, {data}); }

ByteArray<32> sha256(Bytes data);
ByteArray<48> sha384(Bytes data);

}  // namespace trustee::crypto

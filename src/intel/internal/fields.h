#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/try.h"
#include "codec/hex.h"
#include "codec/json.h"
#include "codec/time.h"
#include "intel/qe_identity.h"
#include "intel/tcb_info.h"

namespace trustee::intel::internal {

// Members of Intel's signed documents by type. Errors: codec::Errc, with the member's name; the
// readers of the documents turn them into their own code.

/// Parses a signed body within the bounds of a document; it must be an object.
Result<json::Value> parse_body(std::string_view body);

/// Hex of exactly N bytes, in memory order.
template <std::size_t N>
Result<ByteArray<N>> hex_member(const json::Object& object, std::string_view name) {
  TRY(const std::string* text, json::string_member(object, name));
  TRY(const ByteVec bytes, codec::hex_decode(*text));
  if (bytes.size() != N) {
    return Error(codec::Errc::json_wrong_type, std::string(name) + " has another length");
  }
  return regularised<N>(bytes);
}

/// An integer within the range of U.
template <class U>
  requires std::is_unsigned_v<U>
Result<U> uint_member(const json::Object& object, std::string_view name) {
  TRY(const std::uint64_t n, json::u64_member(object, name));
  if (n > std::numeric_limits<U>::max()) {
    return Error(codec::Errc::json_wrong_type, std::string(name) + " is out of range");
  }
  return static_cast<U>(n);
}

/// `2025-06-19T10:16:03Z`
Result<Time> date_member(const json::Object& object, std::string_view name);

/// `tcbDate`, `tcbStatus` and the optional `advisoryIDs` of a level.
Result<TcbVerdict> verdict_of(const json::Object& level);

/// The levels `{"tcb":{"isvsvn":n},…}` of `tcbLevels`, descending and without two of one svn.
Result<std::vector<IsvLevel>> isv_levels_of(const json::Object& object);

/// The array `name` as objects; at least one, at most `max`.
Result<std::vector<const json::Object*>> objects_of(const json::Object& object,
                                                    std::string_view name, std::size_t max);

}  // namespace trustee::intel::internal

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/json.h"
#include "crypto/digest.h"

namespace trustee::as {

/// Data that the evidence must be bound to, as two things: what the verifier compares, and what the
/// token tells.
struct BoundData {
  std::optional<ByteVec> expected;  ///< absent: the binding is not checked
  json::Value claims;               ///< null unless the data was given as such
};

/// Nothing to compare with.
struct Absent {};
/// The very bytes that the evidence must carry; nothing is hashed.
struct RawBytes {
  ByteVec bytes;
};
/// Any JSON value; its canonical form is hashed.
struct Structured {
  json::Value value;
};
/// The text of an init-data document; hashed as it is, with the algorithm it names.
struct Toml {
  std::string text;
};

using RuntimeData = std::variant<Absent, RawBytes, Structured>;
using InitData = std::variant<Absent, RawBytes, Toml>;

/// `sha256`, `sha384`, `sha512`, `sm3` in any letter case, without hyphens.
/// Errors  hash_unknown.
Result<crypto::Hash> parse_hash(std::string_view name);

/// Errors  runtime_data_not_canonicalisable.
/// Source  attestation-service specification, section 6.2; RFC 8785.
Result<BoundData> bind_runtime_data(RuntimeData data, crypto::Hash hash);

/// Errors  those of parse_init_data.
/// Source  attestation-service specification, section 6.3.
Result<BoundData> bind_init_data(InitData data);

}  // namespace trustee::as

#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace trustee::sgx {

/// Bounds of an evidence document; one past is refused (evidence_malformed).
inline constexpr std::size_t kMaxEvidence = 1U << 20U;  ///< bytes of JSON

/// SGX evidence as received.
struct Evidence {
  ByteVec quote;
  friend bool operator==(const Evidence&, const Evidence&) = default;
};

/// Reads evidence JSON: `{"quote": base64}`. Unknown members are ignored.
/// Errors  intel::Errc evidence_malformed, quote_empty, quote_not_base64.
/// Source  verifiers specification 7.
Result<Evidence> parse_evidence(std::string_view json);

}  // namespace trustee::sgx

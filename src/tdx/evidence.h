#pragma once

#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace trustee::tdx {

/// Bounds of an evidence document; one past is refused (evidence_malformed).
inline constexpr std::size_t kMaxEvidence = 4U << 20U;  ///< bytes of JSON

/// TDX evidence as received.
struct Evidence {
  ByteVec quote;
  std::optional<ByteVec> event_log;  ///< absent, null and empty in the JSON: nothing
  friend bool operator==(const Evidence&, const Evidence&) = default;
};

/// Reads evidence JSON: `{"quote": base64, "cc_eventlog": base64 or null}`. Unknown members are
/// ignored.
/// Errors  intel::Errc evidence_malformed, quote_empty, quote_not_base64, event_log_not_base64.
/// Source  verifiers specification 6.
Result<Evidence> parse_evidence(std::string_view json);

}  // namespace trustee::tdx

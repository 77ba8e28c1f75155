#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "codec/json.h"
#include "eventlog/event_type.h"

namespace trustee::eventlog {

/// AAEL content nested deeper than this stays a string.
inline constexpr std::size_t kMaxContentDepth = 32;

/// What the data of an event say, as the member `details` of its claim; empty for types whose data
/// have no text. Members are sorted by name.
/// Errors  event_data_malformed.
/// Source  attestation service specification 12.3.
Result<json::Object> details_of(EventType type, Bytes data);

}  // namespace trustee::eventlog

#pragma once

#include "base/result.h"
#include "codec/json.h"
#include "eventlog/log.h"

namespace trustee::eventlog {

/// The claim `uefi_event_logs`: one object per event, with members sorted by name. Only the events
/// of registers that were compared are authenticated; the others are listed all the same.
/// Errors  event_data_malformed, digest_not_comparable (a digest that is no SHA-2 or SM3).
/// Source  attestation service specification 12.3.
/// Cost    one hash of the data per digest.
Result<json::Array> claims_of(const Log& log);

}  // namespace trustee::eventlog

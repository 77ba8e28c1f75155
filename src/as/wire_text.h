#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/result.h"

namespace trustee::as {

/// The evidence of a request as JSON text: base64url without padding, then JSON.
/// Errors  evidence_not_base64, evidence_not_json.
/// Source  attestation-service specification, section 2.4.
Result<std::string> decode_evidence(std::string_view base64url);

/// The released service's words for a failure, outermost cause first, e.g. `parse init data`,
/// `parse TOML structured data`. Clients read them; programs compare codes. Source
/// attestation-service specification, section 13.
std::vector<std::string> wire_causes(const Error& error);

/// The causes as both servers print them: each behind its number, on a line of its own:
/// `\n0: …\n1: …`.
std::string numbered(const std::vector<std::string>& causes);

}  // namespace trustee::as

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "authz/session_cookie.h"
#include "base/result.h"
#include "rcar/messages.h"
#include "rcar/tee.h"

namespace trustee::kbs {

/// One piece of evidence with what it must be bound to.
struct EvidenceItem {
  rcar::Tee tee = rcar::Tee::sample;
  json::Value evidence;
  json::Value runtime_data;              ///< hashed in its canonical form (kbs.md 5.3, 5.4)
  std::optional<std::string> init_data;  ///< TOML text; the primary item only
};

/// What a guest sent to `attest`, checked against its challenge and taken apart: the primary item
/// first, then the devices in the order of their text.
/// Errors: attestation_malformed, nonce_mismatch, init_data_format,
/// additional_evidence_malformed.
/// Source: kbs.md 5.3.
Result<std::vector<EvidenceItem>> evidence_items(std::string_view body,
                                                 const authz::ChallengeSession& session);

}  // namespace trustee::kbs

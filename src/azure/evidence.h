#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "tpm/rules.h"

namespace trustee::azure {

inline constexpr std::size_t kMaxEvidence = 256U << 10U;  ///< bytes of JSON

/// A vTPM's quote as it is in the evidence.
struct QuoteParts {
  ByteVec signature;  ///< bare RSASSA signature
  ByteVec message;    ///< TPMS_ATTEST
  tpm::Pcrs pcrs{};
};

/// Evidence of either Azure TEE as received; nothing in it is verified.
struct Evidence {
  unsigned version = 0;
  QuoteParts quote;
  ByteVec hcl_report;
  ByteVec endorsement;  ///< the VCEK (PEM in version 0, else DER) or the TD quote
};

/// The names that the two TEEs give the same things.
struct MemberNames {
  std::string_view endorsement;  ///< in all versions
  std::string_view v0_quote;
  std::string_view v0_hcl_report;
  bool v0_endorsement_is_text;
};
inline constexpr MemberNames kSnpMembers = {"vcek", "quote", "report", true};
inline constexpr MemberNames kTdxMembers = {"td_quote", "tpm_quote", "hcl_report", false};

/// Reads evidence of version 2, 1 or, where there is no version, 0. Unknown members are ignored.
/// Versions 1 and 2: byte strings are URL-safe base64 with or without padding, the quote is hex.
/// Version 0: arrays of numbers.
/// Errors  evidence_malformed, tpm::pcr_malformed.
/// Source  verifiers specification 9.1.
Result<Evidence> parse_evidence(std::string_view json, const MemberNames& names);

}  // namespace trustee::azure

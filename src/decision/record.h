#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "appraise/evaluate.h"
#include "appraise/policy.h"
#include "base/clock.h"
#include "base/strong.h"
#include "codec/json.h"
#include "finding/finding.h"
#include "rego/policy.h"
#include "rego/reference_set.h"

namespace trustee::decision {

/// One item of evidence that was looked at.
struct EvidenceItem {
  std::string tee;     ///< wire name
  std::string digest;  ///< SHA-384 of the text as received, hex
  bool verified = false;
};

/// One claim set with its appraisal, and what it takes to appraise it again.
struct Device {
  std::string submodule;  ///< `cpu0`
  std::string tee;
  std::string annotated_evidence;  ///< JSON text, the policy's input
  std::shared_ptr<const appraise::Policy> policy;
  appraise::Appraisal appraisal;
};

/// The decision of the resource policy, and what it takes to decide again.
struct Release {
  std::string resource;       ///< `resource/myrepo/key/k1`, UTF-8
  std::string token_claims;   ///< JSON text, the policy's input
  std::string data;           ///< JSON text, the policy's data
  std::string policy_digest;  ///< SHA-384 of its text, hex
  std::string policy_text;
  std::optional<rego::Policy> policy;
  /// Why nothing was released: the policy does not allow it, or what came after failed.
  std::optional<Error> refusal = {};
};

enum class Verdict : std::uint8_t { refused, issued, released };
/// The enumerator.
std::string_view to_string(Verdict verdict);

/// Why one request was decided as it was. Holds no secret; the parts that are large are shared with
/// the snapshots they came from.
struct Record {
  RequestId request_id;
  Time time;
  std::uint64_t generation = 0;  ///< of the world the request saw
  std::vector<EvidenceItem> evidence;
  std::vector<Device> devices;
  rego::ReferenceSet references;  ///< as they answered the policies
  std::optional<Release> release;
  Verdict verdict = Verdict::refused;
  finding::FindingList findings;  ///< why evidence was refused; of the rest see `findings_of`
};

/// All findings of a record: of the verification, of each appraisal, and of the release.
finding::FindingList findings_of(const Record& record);

/// Longest answer of a reference value that is written out; of longer ones the number of entries.
inline constexpr std::size_t kMaxAnswerWritten = 4096;

/// For the audit log and for administrators.
/// Shape   `request_id`, `time`, `generation`, `verdict`, `evidence`, `devices` with `claims`,
///         `policy`, `policy_digest`, `status`, `trust_vector`, `queries`; `release`; `findings`.
json::Object to_json(const Record& record);

/// Bytes that this record alone keeps in memory, roughly.
std::size_t footprint(const Record& record);

}  // namespace trustee::decision

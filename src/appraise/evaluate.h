#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "appraise/policy.h"
#include "appraise/trust_vector.h"
#include "base/result.h"
#include "codec/json.h"
#include "rego/policy.h"

namespace trustee::appraise {

/// Longest time one policy may take for one claim set.
inline constexpr std::chrono::milliseconds kEvaluationLimit{10'000};

/// A member that the policy adds to the submodule.
struct Extension {
  std::string name;
  std::int32_t key = 0;  ///< unique; would be the label in CBOR
  json::Value value;
};

/// Where reference values come from.
struct References {
  rego::ReferenceSet set;
  /// Looked up before `set`: what was fetched for this request alone.
  std::span<const rego::NamedJson> overlay = {};
  /// Whether a name that is in neither does not exist (is null), or must be fetched first.
  rego::UnknownReference unknown = rego::UnknownReference::is_null;
};

/// What a policy says of one claim set.
struct Appraisal {
  Tier status = Tier::contraindicated;
  TrustVector vector;
  std::string policy_id;              ///< as stored, e.g. `default_cpu`
  std::string policy_digest;          ///< SHA-384 of its text, hex
  bool has_trust_claims = true;       ///< false: the policy lacks the rule, so every claim is 0
  std::vector<Extension> extensions;  ///< sorted by name
  std::vector<rego::ReferenceQuery> queries;
};

/// Reference values to fetch before the policy can be evaluated.
struct ReferenceNeeds {
  std::vector<std::string> names;
};

/// Evaluates `policy` on `input`, the JSON text of the annotated evidence.
/// Errors  policy_failed, policy_too_slow, trust_claims_not_object, trust_claims_empty,
///         trust_claim_unknown, trust_claim_not_number, trust_claim_out_of_range,
///         extensions_malformed, extension_name_repeated, extension_key_repeated,
///         extension_name_reserved.
/// Source  attestation-service specification, sections 7.4 and 10.5.
/// Cost    tens of microseconds; does not grow with the number of reference values.
Result<std::variant<Appraisal, ReferenceNeeds>> evaluate(
    const Policy& policy, std::string_view input, const References& references,
    std::chrono::milliseconds limit = kEvaluationLimit);

}  // namespace trustee::appraise

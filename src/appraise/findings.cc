#include "appraise/findings.h"

namespace trustee::appraise {

namespace {

using finding::Severity;

std::optional<std::pair<AppraisalFinding, Severity>> rule_of(Tier tier) {
  switch (tier) {
    case Tier::none:
    case Tier::affirming:
      return std::nullopt;
    case Tier::warning:
      return std::pair(AppraisalFinding::claim_in_warning, Severity::warning);
    case Tier::contraindicated:
      return std::pair(AppraisalFinding::claim_contraindicated, Severity::failure);
  }
  return std::nullopt;
}

}  // namespace

finding::FindingList findings_of(const Appraisal& appraisal, std::string_view submodule) {
  finding::FindingList out;
  const std::string prefix = std::string(submodule) + ".";
  for (const TrustClaim claim : kAllTrustClaims) {
    const auto rule = rule_of(appraisal.vector.tier(claim));
    if (!rule.has_value()) continue;
    const std::int8_t value = *appraisal.vector.get(claim);
    out.add({.rule = rule->first,
             .severity = rule->second,
             .field = prefix + std::string(to_string(claim)),
             .seen = json::Value(static_cast<std::int64_t>(value)),
             .detail = std::string(meaning(claim, value))});
  }
  if (!appraisal.has_trust_claims) {
    out.add({.rule = AppraisalFinding::policy_states_no_claims,
             .severity = Severity::warning,
             .field = prefix + appraisal.policy_id});
  }
  for (const rego::ReferenceQuery& query : appraisal.queries) {
    if (query.found) continue;
    out.add({.rule = AppraisalFinding::reference_value_missing,
             .severity = Severity::warning,
             .field = prefix + query.name});
  }
  return out;
}

}  // namespace trustee::appraise

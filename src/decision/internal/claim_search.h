#pragma once

#include <set>
#include <vector>

#include "decision/internal/oracle.h"

namespace trustee::decision::internal {

/// For each trust claim below affirming that is not in `solved`: the first claim of the evidence
/// that, set to a value the policy's text knows (or a flag turned round), improves it.
std::vector<Remedy> search_claims(Oracle& oracle, const Answer& base,
                                  const std::set<appraise::TrustClaim>& solved,
                                  std::string_view policy_text, const ExplainLimits& limits);

/// The values that a leaf could have instead: the other truth value, or the literals of its kind.
std::vector<json::Value> alternatives(const json::Value& value,
                                      const std::vector<json::Value>& literals);

}  // namespace trustee::decision::internal

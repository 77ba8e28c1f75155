#include "decision/internal/claim_search.h"

#include <algorithm>

namespace trustee::decision::internal {

namespace {

constexpr std::size_t kMaxLiterals = 256;

bool below_affirming(const appraise::TrustVector& vector, appraise::TrustClaim claim) {
  return vector.tier(claim) > appraise::Tier::affirming;
}

}  // namespace

std::vector<json::Value> alternatives(const json::Value& value,
                                      const std::vector<json::Value>& literals) {
  if (const bool* flag = value.as_bool(); flag != nullptr) return {json::Value(!*flag)};
  std::vector<json::Value> out;
  for (const json::Value& literal : literals) {
    if (literal.kind() == value.kind() && !(literal == value)) out.push_back(literal);
  }
  return out;
}

std::vector<Remedy> search_claims(Oracle& oracle, const Answer& base,
                                  const std::set<appraise::TrustClaim>& solved,
                                  std::string_view policy_text, const ExplainLimits& limits) {
  std::set<appraise::TrustClaim> open;
  for (const appraise::TrustClaim claim : appraise::kAllTrustClaims) {
    if (below_affirming(base.vector, claim) && !solved.contains(claim)) open.insert(claim);
  }
  std::vector<Remedy> out;
  const auto literals = literals_of(policy_text, kMaxLiterals);
  for (const Leaf& leaf : leaves_of(oracle.input(), limits.claims)) {
    for (const json::Value& value : alternatives(leaf.value, literals)) {
      if (open.empty() || oracle.is_spent()) return out;
      const Answer answer = oracle.ask({.references = {}, .claims = {{leaf.path, value}}});
      if (!answer.ok) continue;
      const auto better = improvements(base.vector, answer.vector);
      const bool helps = std::any_of(better.begin(), better.end(),
                                     [&](appraise::TrustClaim c) { return open.contains(c); });
      if (!helps) continue;
      for (const appraise::TrustClaim claim : better) {
        open.erase(claim);
      }
      out.push_back({{{Change::Kind::claim_value, "", to_string(leaf.path), leaf.value, value}},
                     better,
                     answer.vector});
    }
  }
  return out;
}

}  // namespace trustee::decision::internal

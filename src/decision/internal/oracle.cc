#include "decision/internal/oracle.h"

#include <algorithm>
#include <cstdlib>

#include "appraise/errors.h"

namespace trustee::decision::internal {

bool Budget::take() {
  if (exhausted_ || used_ >= limits_.evaluations || clock_.now() > deadline_) {
    exhausted_ = true;
    return false;
  }
  ++used_;
  return true;
}

std::chrono::milliseconds Budget::evaluation_limit() const {
  using std::chrono::milliseconds;
  const auto left = std::chrono::duration_cast<milliseconds>(deadline_ - clock_.now());
  return std::clamp(left, milliseconds(1), appraise::kEvaluationLimit);
}

Oracle::Oracle(const Device& device, const rego::ReferenceSet& references, Budget& budget)
    : device_(device), references_(references), budget_(budget) {
  auto parsed = json::parse(device.annotated_evidence);
  if (parsed.ok()) input_ = std::move(*parsed);
}

Answer Oracle::ask(const Hypothesis& hypothesis) {
  if (!budget_.take()) return {};
  std::string input = device_.annotated_evidence;
  if (!hypothesis.claims.empty()) {
    json::Value changed = input_;
    for (const auto& [path, value] : hypothesis.claims) {
      set_claim(changed, path, &value);
    }
    input = json::write(changed);
  }
  std::vector<std::string> texts;
  for (const auto& [name, value] : hypothesis.references) {
    texts.push_back(json::write(value));
  }
  std::vector<rego::NamedJson> overlay;
  for (const auto& [name, value] : hypothesis.references) {
    overlay.push_back({name, texts[overlay.size()]});
  }
  auto outcome = appraise::evaluate(
      *device_.policy, input, {.set = references_, .overlay = overlay}, budget_.evaluation_limit());
  if (!outcome.ok()) {
    if (outcome.error().is(appraise::Errc::policy_too_slow)) budget_.end();
    return {};
  }
  auto& appraisal = std::get<appraise::Appraisal>(*outcome);
  Answer answer;
  answer.ok = true;
  answer.vector = appraisal.vector;
  for (rego::ReferenceQuery& query : appraisal.queries) {
    answer.asked.push_back(std::move(query.name));
  }
  return answer;
}

std::optional<json::Value> Oracle::registered(const std::string& name) const {
  const auto text = references_.get(name);
  if (!text.ok() || !text->has_value()) return std::nullopt;
  auto value = json::parse(**text);
  if (!value.ok() || value->is_null()) return std::nullopt;
  return std::move(*value);
}

namespace {

/// Larger is better; the second part tells values of the affirming tier apart.
std::pair<int, int> rank(std::optional<std::int8_t> value) {
  if (!value.has_value()) return {2, 0};
  switch (appraise::tier_of(*value)) {
    case appraise::Tier::contraindicated:
      return {0, 0};
    case appraise::Tier::warning:
      return {1, 0};
    case appraise::Tier::none:
      return {2, 0};
    case appraise::Tier::affirming:
      return {3, -std::abs(*value)};
  }
  return {0, 0};
}

}  // namespace

std::vector<appraise::TrustClaim> improvements(const appraise::TrustVector& a,
                                               const appraise::TrustVector& b) {
  std::vector<appraise::TrustClaim> out;
  for (const appraise::TrustClaim claim : appraise::kAllTrustClaims) {
    const auto before = rank(a.get(claim));
    const auto after = rank(b.get(claim));
    if (after < before) return {};
    if (after > before) out.push_back(claim);
  }
  return out;
}

}  // namespace trustee::decision::internal

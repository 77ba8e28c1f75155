#include <algorithm>
#include <map>

#include "base/try.h"
#include "codec/printable.h"
#include "decision/explain.h"
#include "decision/internal/claim_search.h"
#include "decision/internal/oracle.h"
#include "decision/internal/sentences.h"
#include "rego/errors.h"

namespace trustee::decision {

namespace {

using internal::Leaf;
using internal::Path;

constexpr std::size_t kMaxLiterals = 256;
constexpr std::size_t kMemberDepth = 6;
constexpr std::size_t kMaxRemedies = 8;

/// Asks the resource policy what it would have decided about other claims.
class ReleaseSearch {
 public:
  ReleaseSearch(const Release& release, internal::Budget& budget, const ExplainLimits& limits)
      : release_(release), budget_(budget), limits_(limits) {
    auto parsed = json::parse(release.token_claims);
    if (parsed.ok()) claims_ = std::move(*parsed);
    leaves_ = internal::leaves_of(claims_, limits.claims);
    literals_ = internal::literals_of(release.policy_text, kMaxLiterals);
  }

  Result<std::string> decide() const {
    return evaluate(release_.token_claims, appraise::kEvaluationLimit);
  }

  std::vector<Remedy> run() {
    single_values();
    removed_members();
    if (remedies_.empty()) groups();
    return std::move(remedies_);
  }

 private:
  Result<std::string> evaluate(std::string_view input, std::chrono::milliseconds limit) const {
    if (!release_.policy.has_value()) return std::string("the policy is not at hand");
    TRY(auto evaluation,
        release_.policy->evaluate(
            {.input = input, .data = release_.data, .rule = 0, .time_limit = limit}));
    const rego::RuleResult& rule = evaluation.rules.at(0);
    switch (rule.state) {
      case rego::RuleState::value:
        return rule.json;
      case rego::RuleState::undefined:
        return std::string("undefined");
      case rego::RuleState::missing:
        return std::string("not defined by the policy");
      case rego::RuleState::not_evaluated:
        break;
    }
    return std::string("not evaluated");
  }

  /// For one evaluation that was taken from the budget.
  bool allows(const json::Value& claims) {
    const auto decision = evaluate(json::write(claims), budget_.evaluation_limit());
    if (!decision.ok() && decision.error().is(rego::Errc::time_limit)) budget_.end();
    return decision.ok() && *decision == "true";
  }

  bool allows_with(const Path& path, const json::Value* value) {
    return budget_.take() && allows(internal::with_claim(claims_, path, value));
  }

  bool full() const { return remedies_.size() >= kMaxRemedies; }
  bool is_over() const { return full() || budget_.exhausted(); }

  void single_values() {
    for (const Leaf& leaf : leaves_) {
      if (is_over()) return;
      for (const json::Value& value : internal::alternatives(leaf.value, literals_)) {
        if (is_over()) return;
        if (!allows_with(leaf.path, &value)) continue;
        remedies_.push_back({{change_of(leaf, value)}, {}, {}});
        break;
      }
    }
  }

  /// Members without which the policy allows; of those inside each other only the innermost.
  void removed_members() {
    std::vector<Path> found;
    for (Path& path : internal::members_of(claims_, kMemberDepth, limits_.claims)) {
      if (is_over()) break;
      if (!allows_with(path, nullptr)) continue;
      std::erase_if(found, [&](const Path& outer) { return is_within(path, outer); });
      found.push_back(std::move(path));
    }
    for (const Path& path : found) {
      if (full()) return;
      remedies_.push_back(
          {{{Change::Kind::claim_absent, "", internal::to_string(path), nullptr, nullptr}},
           {},
           {}});
    }
  }

  /// All leaves of one name at once: the same statement of several devices.
  void groups() {
    std::map<std::string, std::vector<const Leaf*>> by_name;
    for (const Leaf& leaf : leaves_) {
      if (const auto* name = std::get_if<std::string>(&leaf.path.back()); name != nullptr) {
        by_name[*name].push_back(&leaf);
      }
    }
    for (const auto& [name, leaves] : by_name) {
      if (is_over()) return;
      if (leaves.size() < 2) continue;
      for (const json::Value& value : internal::alternatives(leaves.front()->value, literals_)) {
        if (is_over()) return;
        try_group(leaves, value);
      }
    }
  }

  void try_group(const std::vector<const Leaf*>& leaves, const json::Value& value) {
    const auto differs = [&](const Leaf* leaf) { return !(leaf->value == value); };
    if (std::count_if(leaves.begin(), leaves.end(), differs) < 2 || !budget_.take()) return;
    json::Value changed = claims_;
    Remedy remedy;
    for (const Leaf* leaf : leaves) {
      if (!differs(leaf)) continue;
      internal::set_claim(changed, leaf->path, &value);
      remedy.changes.push_back(change_of(*leaf, value));
    }
    if (allows(changed)) remedies_.push_back(std::move(remedy));
  }

  static Change change_of(const Leaf& leaf, const json::Value& value) {
    return {Change::Kind::claim_value, "", internal::to_string(leaf.path), leaf.value, value};
  }

  static bool is_within(const Path& path, const Path& outer) {
    return outer.size() < path.size() && std::equal(outer.begin(), outer.end(), path.begin());
  }

  const Release& release_;
  internal::Budget& budget_;
  const ExplainLimits& limits_;
  json::Value claims_;
  std::vector<Leaf> leaves_;
  std::vector<json::Value> literals_;
  std::vector<Remedy> remedies_;
};

/// One line for each submodule: its status and what the vector says.
std::vector<std::string> submodule_lines(const std::string& token_claims) {
  std::vector<std::string> out;
  const auto claims = json::parse(token_claims);
  if (!claims.ok()) return out;
  const json::Value* submodules = claims->at_pointer("/submods");
  if (submodules == nullptr || submodules->as_object() == nullptr) return out;
  for (const json::Member& member : *submodules->as_object()) {
    const json::Value* vector = member.value.at_pointer("/ear.trustworthiness-vector");
    const json::Value* status = member.value.at_pointer("/ear.status");
    if (vector == nullptr || status == nullptr) continue;
    const auto read = appraise::trust_vector_of(*vector);
    out.push_back(codec::printable(member.name) + " is " + internal::shown(*status) + ": " +
                  (read.ok() ? internal::vector_text(*read) : internal::shown(*vector)));
  }
  return out;
}

}  // namespace

Result<Explanation> explain_release(const Release& release, const Clock& clock,
                                    const ExplainLimits& limits) {
  internal::Budget budget(clock, limits);
  ReleaseSearch search(release, budget, limits);
  Explanation out{.subject = release.resource};
  TRY(const std::string decision, search.decide());
  out.lines = submodule_lines(release.token_claims);
  out.lines.push_back("the resource policy's `allow` is " + codec::printable(decision));
  if (decision != "true") out.remedies = search.run();
  for (const Remedy& remedy : out.remedies) {
    std::string line;
    for (const Change& change : remedy.changes) {
      line += (line.empty() ? "" : "; and ") + internal::sentence(change, std::nullopt);
    }
    out.lines.push_back(line);
  }
  out.evaluations = budget.used();
  out.exhausted = budget.exhausted();
  if (out.exhausted) {
    out.lines.push_back(internal::stopped(out.evaluations));
  } else if (decision != "true" && out.remedies.empty()) {
    out.lines.push_back("no small change of the token's claims makes it allow");
  }
  return out;
}

}  // namespace trustee::decision

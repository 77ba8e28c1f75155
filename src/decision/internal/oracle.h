#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "decision/explain.h"
#include "decision/internal/claim_paths.h"

namespace trustee::decision::internal {

/// The world as it might have been.
struct Hypothesis {
  std::map<std::string, json::Value> references;  ///< answers in place of the registered ones
  std::vector<std::pair<Path, json::Value>> claims;
};

/// What the policy says in such a world.
struct Answer {
  bool ok = false;  ///< false: the evaluation failed, or the budget is spent
  appraise::TrustVector vector;
  std::vector<std::string> asked;  ///< names, in the order first asked
};

/// Counts what an explanation may spend, and remembers when there was none left.
class Budget {
 public:
  Budget(const Clock& clock, const ExplainLimits& limits)
      : clock_(clock), limits_(limits), deadline_(clock.now() + limits.time) {}
  /// Takes one evaluation; false when there is none left.
  bool take();
  /// How long one evaluation may take now: what is left of the time, at least 1 ms and at most what
  /// a policy may take at all.
  std::chrono::milliseconds evaluation_limit() const;
  /// An evaluation was stopped at its limit: there is nothing left.
  void end() { exhausted_ = true; }
  bool exhausted() const { return exhausted_; }
  std::size_t used() const { return used_; }

 private:
  const Clock& clock_;
  const ExplainLimits& limits_;
  Time deadline_;
  std::size_t used_ = 0;
  bool exhausted_ = false;
};

/// Asks the policy of one device what it would have said. Lifetime: of its arguments.
class Oracle {
 public:
  Oracle(const Device& device, const rego::ReferenceSet& references, Budget& budget);

  Answer ask(const Hypothesis& hypothesis);
  const json::Value& input() const { return input_; }
  /// Whether no question will be answered any more.
  bool is_spent() const { return budget_.exhausted(); }
  /// The registered value of a name; nothing when it is not registered, or null.
  std::optional<json::Value> registered(const std::string& name) const;

 private:
  const Device& device_;
  const rego::ReferenceSet& references_;
  Budget& budget_;
  json::Value input_;
};

/// The claims of the vector that are better in `b` than in `a`, when none is worse; else none.
/// Better is a better tier (contraindicated, warning, none, affirming), or a stronger value within
/// affirming.
std::vector<appraise::TrustClaim> improvements(const appraise::TrustVector& a,
                                               const appraise::TrustVector& b);

}  // namespace trustee::decision::internal

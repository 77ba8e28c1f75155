#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rego/errors.h"
#include "rego/reference_set.h"

struct trustee_rego_policy;

namespace trustee::rego {

/// A rule asked of a policy, e.g. `data.policy.allow`.
struct Rule {
  std::string_view path;
  bool required = true;  ///< compiling fails when the policy does not define it
};

struct CompileOptions {
  /// The policy may call query_reference_value(name).
  bool reference_values = false;
  /// Accept what lacks a rule, has another package or calls unknown functions: for policies that
  /// are stored already. The first such finding is in Policy::finding().
  bool lenient = false;
  /// Top-level members that every evaluation's data will have; only a hint that makes it fast.
  std::vector<std::string_view> data_keys{};
};

/// What a name means that is in neither the overlay nor the set.
enum class UnknownReference : std::uint8_t {
  is_null,    ///< the released system's answer
  is_needed,  ///< recorded; the evaluation reports needs
};

struct EvaluationRequest {
  std::string_view input{};  ///< JSON; empty: undefined
  std::string_view data{};   ///< JSON object; empty: {}
  const ReferenceSet* references = nullptr;
  std::span<const NamedJson> overlay{};  ///< looked up first
  UnknownReference unknown = UnknownReference::is_null;
  std::chrono::milliseconds time_limit{1000};
  /// Index of one rule to evaluate, or kAllRules.
  std::uint32_t rule = UINT32_MAX;
};
inline constexpr std::uint32_t kAllRules = UINT32_MAX;

struct RuleOutcome {
  enum class State : std::uint8_t { not_evaluated, missing, undefined, value };
  State state = State::not_evaluated;
  std::string json;  ///< compact, when the state is value
};

/// A call of query_reference_value.
struct Query {
  std::string name;
  bool found = false;
};

struct Evaluation {
  std::vector<RuleOutcome> rules;  ///< in the order compiled
  std::vector<Query> queries;      ///< each name once, in the order first asked
  /// Names that are not found must be fetched and the evaluation repeated; the rules are empty.
  bool needs_references = false;
};

/// A Rego policy, compiled once and evaluated from many threads. Copies share it.
class Policy {
 public:
  /// Shape: one Rego v1 module, up to 1 MiB; all rules below one package.
  /// Errors: syntax, unsound, wrong_package, rule_missing, unknown_function, too_deep; the detail
  /// says where, over several lines.
  static Result<Policy> compile(std::string_view text, std::span<const Rule> rules,
                                const CompileOptions& options = {});

  /// Errors: evaluation_failed, time_limit, input_invalid. Cost: tens of microseconds for the
  /// default policies; bounded by the time limit.
  Result<Evaluation> evaluate(const EvaluationRequest& request) const;

  bool has_rule(std::size_t index) const;
  /// Names the text passes to query_reference_value as literals, sorted.
  std::vector<std::string> reference_names() const;
  /// What a lenient compilation overlooked, as text; empty when nothing.
  const std::string& finding() const { return finding_; }

 private:
  Policy(trustee_rego_policy* handle, std::size_t rules, std::string finding);
  std::shared_ptr<const trustee_rego_policy> handle_;
  std::size_t rule_count_;
  std::string finding_;
};

}  // namespace trustee::rego

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "rego/errors.h"
#include "rego/reference_set.h"

struct trustee_rego_input;

namespace trustee::rego {

/// A rule that evaluations will ask for.
struct WantedRule {
  std::string_view path;  ///< below `data`, e.g. `data.policy.allow`
  bool required = true;   ///< compiling fails without it
};

/// What a policy is compiled for. Lifetime: borrowed for the call.
struct CompileOptions {
  /// 1 to 16; results come in this order.
  std::span<const WantedRule> rules;
  /// The members that `data` of every evaluation will have. Other data gives the same answers, but
  /// prepares the policy again each time. Names of letters, digits, `_` and `-`.
  std::span<const std::string_view> data_members = {};
  /// The policy may call `query_reference_value`.
  bool reference_values = false;
};

/// What came of a wanted rule.
enum class RuleState : std::uint8_t {
  not_evaluated,  ///< another rule was asked for, or reference values are needed first
  missing,        ///< the policy does not define it
  undefined,      ///< defined, without a value for this input
  value,          ///< it has one
};

/// A wanted rule's answer.
struct RuleResult {
  RuleState state = RuleState::not_evaluated;  ///< whether there is a value, and why not
  /// Compact, when there is a value: members in byte order of their names, sets as arrays.
  std::string json;
};

/// A reference value that the policy asked for.
struct ReferenceQuery {
  std::string name;    ///< as the policy wrote or computed it
  bool found = false;  ///< in the overlay or the set
  friend bool operator==(const ReferenceQuery&, const ReferenceQuery&) = default;
};

/// What Policy::evaluate finds.
struct Evaluation {
  std::vector<RuleResult> rules;        ///< one for each wanted rule
  std::vector<ReferenceQuery> queries;  ///< each name once, in the order first asked
  /// Some of `queries` are not at hand: fetch those not found, and evaluate again. No rule has a
  /// state yet.
  bool needs_references = false;
};

/// What a name stands for that is neither in the overlay nor in the set.
enum class UnknownReference : std::uint8_t {
  is_null,    ///< no such reference value
  is_needed,  ///< not at hand, see Evaluation::needs_references
};

/// An input that is evaluated more than once: parsed once. Immutable; copies share; safe from many
/// threads.
class PreparedInput {
 public:
  /// Errors: json_invalid, argument_invalid (not UTF-8).
  static Result<PreparedInput> create(std::string_view json);
  /// For Policy. Lifetime: this input.
  const trustee_rego_input* handle() const { return input_.get(); }

 private:
  explicit PreparedInput(trustee_rego_input* input);
  std::shared_ptr<const trustee_rego_input> input_;
};

/// What to evaluate a policy with. Lifetime: what it views is borrowed for the call.
struct Request {
  std::string_view input = {};                    ///< JSON; empty: undefined
  const PreparedInput* prepared_input = nullptr;  ///< instead of `input`, unless null
  std::string_view data = {};                     ///< a JSON object; empty: none
  ReferenceSet references = {};                   ///< what `query_reference_value` answers from
  std::span<const NamedJson> overlay = {};        ///< looked up before `references`; a few values
  std::optional<std::size_t> rule = {};           ///< index of one wanted rule; none: all, in order
  UnknownReference unknown_reference = UnknownReference::is_null;  ///< of names in neither
  std::chrono::milliseconds time_limit;  ///< of the whole call, at least 1 ms
};

struct LenientPolicy;

/// A compiled policy. Immutable; copies share; safe from many threads at once.
class Policy {
 public:
  /// Compiles one Rego v1 module. The detail of an error says where in the text.
  /// Limits  1 MiB, 20,000 lines, 1,023 columns, expressions 31 deep, 4 MiB of stack, values 2,000
  ///         levels deeper than their documents; see rust/README.md.
  /// Errors  syntax, unsound, wrong_package, rule_missing, unknown_function, too_deep,
  ///         argument_invalid, library.
  /// Cost    milliseconds; up to half a minute for the worst texts within the limits.
  static Result<Policy> compile(std::string_view text, const CompileOptions& options);
  /// The same, but wrong_package, rule_missing and unknown_function are told, not refused: for a
  /// policy that is stored already.
  static Result<LenientPolicy> compile_lenient(std::string_view text,
                                               const CompileOptions& options);

  /// Whether the policy defines the wanted rule `index`.
  bool has_rule(std::size_t index) const;
  /// Names that the text passes to `query_reference_value` literally, sorted: what to fetch ahead.
  std::vector<std::string> reference_names() const;

  /// Evaluates the wanted rules in their order; an error in one ends the call.
  /// Errors  evaluation_failed, time_limit, json_invalid, argument_invalid, library.
  /// Cost    tens of microseconds for the default policies; 4 MiB of stack at most.
  Result<Evaluation> evaluate(const Request& request) const;

 private:
  struct State;
  explicit Policy(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  static Result<LenientPolicy> compile_with(std::string_view text, const CompileOptions& options,
                                            std::uint32_t flags);
  std::shared_ptr<const State> state_;
};

/// What Policy::compile_lenient makes.
struct LenientPolicy {
  Policy policy;                   ///< rules that are missing have no value
  std::optional<Error> objection;  ///< why `compile` would have refused
};

}  // namespace trustee::rego

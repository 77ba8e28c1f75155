#include "rego/policy.h"

#include <limits>

#include "base/try.h"
#include "rego/internal/face.h"

namespace trustee::rego {
namespace {

struct HandleFree {
  void operator()(trustee_rego_result* r) const { trustee_rego_result_free(r); }
  void operator()(trustee_rego_policy* p) const { trustee_rego_policy_free(p); }
};
using ResultHandle = std::unique_ptr<trustee_rego_result, HandleFree>;
using PolicyHandle = std::unique_ptr<trustee_rego_policy, HandleFree>;

RuleState state_of(trustee_rego_state state) {
  switch (state) {
    case TRUSTEE_REGO_MISSING:
      return RuleState::missing;
    case TRUSTEE_REGO_UNDEFINED:
      return RuleState::undefined;
    case TRUSTEE_REGO_VALUE:
      return RuleState::value;
    case TRUSTEE_REGO_NOT_EVALUATED:
      return RuleState::not_evaluated;
  }
  return RuleState::not_evaluated;
}

Evaluation read(const trustee_rego_result* result, std::size_t rule_count) {
  Evaluation out;
  for (std::size_t i = 0; i < rule_count; ++i) {
    trustee_slice json{};
    const RuleState state = state_of(trustee_rego_result_rule(result, i, &json));
    out.rules.push_back({state, std::string(text_of(json))});
  }
  const std::size_t queries = trustee_rego_result_query_count(result);
  for (std::size_t i = 0; i < queries; ++i) {
    int found = 0;
    const trustee_slice name = trustee_rego_result_query(result, i, &found);
    out.queries.push_back({std::string(text_of(name)), found == 1});
  }
  return out;
}

}  // namespace

PreparedInput::PreparedInput(trustee_rego_input* input) : input_(input, trustee_rego_input_free) {}

Result<PreparedInput> PreparedInput::create(std::string_view json) {
  trustee_rego_input* out = nullptr;
  Failure failure;
  if (trustee_rego_input_new(slice(json), &out, failure.out()) != TRUSTEE_OK) {
    return failure.to_error();
  }
  return PreparedInput(out);
}

struct Policy::State {
  PolicyHandle policy;
  std::size_t rule_count;
};

Result<LenientPolicy> Policy::compile_with(std::string_view text, const CompileOptions& options,
                                           std::uint32_t flags) {
  std::vector<trustee_rego_rule> rules;
  for (const WantedRule& rule : options.rules) {
    rules.push_back({slice(rule.path), rule.required ? 1U : 0U});
  }
  std::vector<trustee_slice> members;
  for (const std::string_view member : options.data_members) {
    members.push_back(slice(member));
  }
  if (options.reference_values) flags |= TRUSTEE_REGO_REFERENCE_VALUES;
  trustee_rego_policy* out = nullptr;
  Failure failure;
  const trustee_status status =
      trustee_rego_compile(slice(text), rules.data(), rules.size(), members.data(), members.size(),
                           flags, &out, failure.out());
  PolicyHandle policy(out);
  if (status != TRUSTEE_OK) return failure.to_error();
  LenientPolicy compiled{
      Policy(std::make_shared<const State>(State{std::move(policy), rules.size()})), std::nullopt};
  if (failure.status() != TRUSTEE_OK) compiled.objection = failure.to_error();
  return compiled;
}

Result<Policy> Policy::compile(std::string_view text, const CompileOptions& options) {
  TRY(auto compiled, compile_with(text, options, 0));
  return std::move(compiled.policy);
}

Result<LenientPolicy> Policy::compile_lenient(std::string_view text,
                                              const CompileOptions& options) {
  return compile_with(text, options, TRUSTEE_REGO_LENIENT);
}

bool Policy::has_rule(std::size_t index) const {
  return trustee_rego_policy_has_rule(state_->policy.get(), index) == 1;
}

std::vector<std::string> Policy::reference_names() const {
  std::vector<std::string> names;
  const std::size_t count = trustee_rego_policy_reference_count(state_->policy.get());
  for (std::size_t i = 0; i < count; ++i) {
    names.emplace_back(text_of(trustee_rego_policy_reference_name(state_->policy.get(), i)));
  }
  return names;
}

Result<Evaluation> Policy::evaluate(const Request& request) const {
  constexpr auto kMost = std::numeric_limits<std::uint32_t>::max();
  const auto limit = request.time_limit.count();
  if (limit < 1 || limit > kMost) return Error(Errc::argument_invalid, "time limit");
  if (request.rule.value_or(0) >= state_->rule_count) return Error(Errc::argument_invalid, "rule");
  const auto overlay = borrowed(request.overlay);
  const trustee_rego_request question{
      .input = slice(request.input),
      .prepared_input =
          request.prepared_input == nullptr ? nullptr : request.prepared_input->handle(),
      .data = slice(request.data),
      .refs = request.references.handle(),
      .overlay = overlay.data(),
      .overlay_count = overlay.size(),
      .rule = request.rule ? static_cast<std::uint32_t>(*request.rule) : TRUSTEE_REGO_ALL_RULES,
      .unknown_references = request.unknown_reference == UnknownReference::is_needed
                                ? TRUSTEE_REGO_UNKNOWN_IS_NEEDED
                                : TRUSTEE_REGO_UNKNOWN_IS_NULL,
      .time_limit_ms = static_cast<std::uint32_t>(limit),
  };
  trustee_rego_result* out = nullptr;
  Failure failure;
  const trustee_status status =
      trustee_rego_evaluate(state_->policy.get(), &question, &out, failure.out());
  const ResultHandle result(out);
  if (status != TRUSTEE_OK && status != TRUSTEE_REGO_NEEDS) return failure.to_error();
  Evaluation evaluation = read(result.get(), state_->rule_count);
  evaluation.needs_references = status == TRUSTEE_REGO_NEEDS;
  return evaluation;
}

}  // namespace trustee::rego

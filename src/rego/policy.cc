#include "rego/policy.h"

#include <algorithm>

#include "rego/internal/face.h"

namespace trustee::rego {
namespace {

struct ResultDeleter {
  void operator()(trustee_rego_result* r) const { trustee_rego_result_free(r); }
};
using ResultHandle = std::unique_ptr<trustee_rego_result, ResultDeleter>;

RuleOutcome::State state_of(trustee_rego_state state) {
  switch (state) {
    case TRUSTEE_REGO_NOT_EVALUATED:
      return RuleOutcome::State::not_evaluated;
    case TRUSTEE_REGO_MISSING:
      return RuleOutcome::State::missing;
    case TRUSTEE_REGO_UNDEFINED:
      return RuleOutcome::State::undefined;
    case TRUSTEE_REGO_VALUE:
      return RuleOutcome::State::value;
  }
  return RuleOutcome::State::not_evaluated;
}

Evaluation read_result(const trustee_rego_result* result, std::size_t rules) {
  Evaluation out;
  for (std::size_t i = 0; i < rules; ++i) {
    trustee_slice json{};
    const auto state = state_of(trustee_rego_result_rule(result, i, &json));
    out.rules.push_back({state, std::string(internal::view(json))});
  }
  const std::size_t queries = trustee_rego_result_query_count(result);
  for (std::size_t i = 0; i < queries; ++i) {
    int found = 0;
    const trustee_slice name = trustee_rego_result_query(result, i, &found);
    out.queries.push_back({std::string(internal::view(name)), found != 0});
  }
  return out;
}

}  // namespace

Policy::Policy(trustee_rego_policy* handle, std::size_t rules, std::string finding)
    : handle_(handle,
              [](const trustee_rego_policy* h) {
                trustee_rego_policy_free(const_cast<trustee_rego_policy*>(h));
              }),
      rule_count_(rules),
      finding_(std::move(finding)) {}

Result<Policy> Policy::compile(std::string_view text, std::span<const Rule> rules,
                               const CompileOptions& options) {
  std::vector<trustee_rego_rule> native_rules;
  for (const Rule& rule : rules) {
    native_rules.push_back({internal::slice(rule.path), rule.required ? 1U : 0U});
  }
  std::vector<trustee_slice> keys;
  for (const auto key : options.data_keys) {
    keys.push_back(internal::slice(key));
  }
  const std::uint32_t flags = (options.reference_values ? TRUSTEE_REGO_REFERENCE_VALUES : 0U) |
                              (options.lenient ? TRUSTEE_REGO_LENIENT : 0U);
  trustee_rego_policy* out = nullptr;
  internal::Failure failure;
  const auto status =
      trustee_rego_compile(internal::slice(text), native_rules.data(), native_rules.size(),
                           keys.data(), keys.size(), flags, &out, failure.out());
  if (status != TRUSTEE_OK) return internal::error_of(status, failure);
  return Policy(out, rules.size(), failure.message());
}

Result<Evaluation> Policy::evaluate(const EvaluationRequest& request) const {
  std::vector<trustee_named_json> overlay;
  for (const auto& item : request.overlay) {
    overlay.push_back({internal::slice(item.name), internal::slice(item.json)});
  }
  trustee_rego_request native{};
  native.input = internal::slice(request.input);
  native.data = internal::slice(request.data);
  native.refs = request.references == nullptr ? nullptr : request.references->native();
  native.overlay = overlay.data();
  native.overlay_count = overlay.size();
  native.rule = request.rule;
  native.unknown_references = request.unknown == UnknownReference::is_needed
                                  ? TRUSTEE_REGO_UNKNOWN_IS_NEEDED
                                  : TRUSTEE_REGO_UNKNOWN_IS_NULL;
  const auto limit = std::max<std::int64_t>(request.time_limit.count(), 1);
  native.time_limit_ms = static_cast<std::uint32_t>(std::min<std::int64_t>(limit, 60'000));
  trustee_rego_result* raw = nullptr;
  internal::Failure failure;
  const auto status = trustee_rego_evaluate(handle_.get(), &native, &raw, failure.out());
  const ResultHandle result(raw);
  if (status != TRUSTEE_OK && status != TRUSTEE_REGO_NEEDS) {
    return internal::error_of(status, failure);
  }
  Evaluation out = read_result(result.get(), rule_count_);
  out.needs_references = status == TRUSTEE_REGO_NEEDS;
  return out;
}

bool Policy::has_rule(std::size_t index) const {
  return trustee_rego_policy_has_rule(handle_.get(), index) != 0;
}

std::vector<std::string> Policy::reference_names() const {
  std::vector<std::string> out;
  const std::size_t n = trustee_rego_policy_reference_count(handle_.get());
  for (std::size_t i = 0; i < n; ++i) {
    out.emplace_back(internal::view(trustee_rego_policy_reference_name(handle_.get(), i)));
  }
  return out;
}

}  // namespace trustee::rego

#include "authz/resource_policy.h"

#include <array>

#include "authz/errors.h"
#include "base/try.h"
#include "codec/hex.h"
#include "codec/json.h"

namespace trustee::authz {
namespace {

constexpr std::chrono::milliseconds kTimeLimit{1000};
constexpr std::array<rego::WantedRule, 1> kRules = {rego::WantedRule{ResourcePolicy::kRule, true}};
constexpr std::array<std::string_view, 3> kDataMembers = {"plugin", "resource-path", "query"};
constexpr rego::CompileOptions kOptions = {
    .rules = kRules, .data_members = kDataMembers, .reference_values = false};

Result<void> check_allow(const Result<rego::Evaluation>& evaluation) {
  if (!evaluation.ok()) return Error(Errc::policy_failed, evaluation.error().to_string());
  const rego::RuleResult& allow = evaluation->rules.front();
  if (allow.state != rego::RuleState::value) return Errc::denied_without_decision;
  if (allow.json == "true") return {};
  if (allow.json == "false") return Errc::denied_by_policy;
  return Error(Errc::denied_without_decision, "allow is " + allow.json.substr(0, 80));
}

}  // namespace

ResourcePolicy::ResourcePolicy(rego::Policy policy, std::string_view text)
    : policy_(std::move(policy)),
      text_(text),
      digest_(codec::hex_encode(crypto::sha384(as_bytes(text)))) {}

Result<ResourcePolicy> ResourcePolicy::compile(std::string_view text) {
  auto policy = rego::Policy::compile(text, kOptions);
  if (!policy.ok()) return Error(Errc::policy_refused, policy.error().detail());
  return ResourcePolicy(std::move(*policy), text);
}

Result<ResourcePolicy> ResourcePolicy::compile_stored(std::string_view text) {
  auto lenient = rego::Policy::compile_lenient(text, kOptions);
  if (!lenient.ok()) return Error(Errc::policy_refused, lenient.error().detail());
  return ResourcePolicy(std::move(lenient->policy), text);
}

std::string policy_data(const ResourceRequest& request) {
  std::string out = "{\"plugin\":";
  json::append_quoted(out, request.plugin);
  out += ",\"query\":{";
  bool first = true;
  for (const auto& [name, value] : request.query) {
    if (!first) out += ',';
    first = false;
    json::append_quoted(out, name);
    out += ':';
    json::append_quoted(out, value);
  }
  out += "},\"resource-path\":[";
  for (const auto& segment : request.path) {
    if (&segment != request.path.data()) out += ',';
    json::append_quoted(out, segment);
  }
  out += "]}";
  return out;
}

Result<Grant> ResourcePolicy::decide(const CheckedToken& token, ResourceRequest request) const {
  const auto& input = token.policy_input();
  if (!input.ok()) return Error(Errc::policy_failed, input.error().to_string());
  const std::string data = policy_data(request);
  const auto evaluation =
      policy_.evaluate({.prepared_input = &*input, .data = data, .time_limit = kTimeLimit});
  TRY_VOID(check_allow(evaluation));
  return Grant(std::move(request));
}

Result<void> ResourcePolicy::check_claims(std::string_view claims,
                                          const ResourceRequest& request) const {
  const std::string data = policy_data(request);
  return check_allow(policy_.evaluate({.input = claims, .data = data, .time_limit = kTimeLimit}));
}

}  // namespace trustee::authz

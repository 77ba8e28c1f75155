#include "appraise/policy.h"

#include <array>
#include <optional>

#include "appraise/errors.h"
#include "appraise/internal/rules.h"
#include "base/try.h"
#include "codec/hex.h"
#include "codec/utf8.h"
#include "crypto/digest.h"

namespace trustee::appraise {

namespace {

constexpr std::array<rego::WantedRule, 2> kRules{
    rego::WantedRule{.path = "data.policy.trust_claims", .required = true},
    rego::WantedRule{.path = "data.policy.extensions", .required = false}};

constexpr rego::CompileOptions kOptions{.rules = kRules, .reference_values = true};

/// Our code for the engine's refusal of a text; other failures are the engine's own.
std::optional<Errc> refusal_of(const Error& error) {
  if (error.is(rego::Errc::wrong_package)) return Errc::policy_wrong_package;
  if (error.is(rego::Errc::rule_missing)) return Errc::policy_lacks_rule;
  if (error.is(rego::Errc::unknown_function)) return Errc::policy_unknown_function;
  if (error.is(rego::Errc::syntax) || error.is(rego::Errc::unsound) ||
      error.is(rego::Errc::too_deep)) {
    return Errc::policy_does_not_load;
  }
  return std::nullopt;
}

Error refused(const std::string& id, Error error) {
  const auto code = refusal_of(error);
  if (!code.has_value()) return std::move(error).while_doing("compiling policy `" + id + "`");
  return Error(*code, "`" + id + "`: " + error.detail());
}

}  // namespace

Policy::Policy(std::string id, std::string_view text, rego::Policy engine)
    : id_(std::move(id)),
      text_(text),
      digest_(codec::hex_encode(crypto::sha384(as_bytes(text)))),
      engine_(std::move(engine)) {}

Result<std::shared_ptr<const Policy>> Policy::compile(std::string id, std::string_view text) {
  if (id.size() > kMaxPolicyId) return Error(Errc::policy_id_too_long);
  auto engine = rego::Policy::compile(text, kOptions);
  if (!engine.ok()) return refused(id, std::move(engine).error());
  return std::make_shared<const Policy>(std::move(id), text, std::move(engine).value());
}

Result<std::shared_ptr<const Policy>> Policy::compile_stored(std::string id,
                                                             std::string_view text) {
  auto lenient = rego::Policy::compile_lenient(text, kOptions);
  if (!lenient.ok()) return refused(id, std::move(lenient).error());
  return std::make_shared<const Policy>(std::move(id), text, std::move(lenient->policy));
}

Result<PolicySet::Compiled> PolicySet::find(std::string_view id) const {
  const auto found = policies_.find(id);
  if (found == policies_.end()) return Error(Errc::policy_not_found, std::string(id));
  return found->second;
}

PolicySet PolicySet::with(Compiled policy) const {
  PolicySet out = *this;
  std::string id = policy->id();
  out.policies_.insert_or_assign(std::move(id), std::move(policy));
  return out;
}

PolicySet PolicySet::with_stored(std::string id, Bytes text) const {
  PolicySet out = *this;
  Result<Compiled> compiled = Error(Errc::policy_not_utf8, id);
  if (codec::is_utf8(text)) compiled = Policy::compile_stored(id, as_text(text));
  out.policies_.insert_or_assign(std::move(id), std::move(compiled));
  return out;
}

std::vector<std::string> PolicySet::ids() const {
  std::vector<std::string> out;
  for (const auto& [id, policy] : policies_) {
    out.push_back(id);
  }
  return out;
}

}  // namespace trustee::appraise

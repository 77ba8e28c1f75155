#include "appraise/evaluate.h"

#include <algorithm>
#include <array>
#include <limits>
#include <set>

#include "appraise/errors.h"
#include "appraise/internal/rules.h"
#include "base/try.h"

namespace trustee::appraise {

namespace {

/// What a submodule has from the service; a policy may not shadow it.
constexpr std::array<std::string_view, 7> kReservedNames{"ear.status",
                                                         "ear.trustworthiness-vector",
                                                         "ear.appraisal-policy-id",
                                                         "ear.veraison.annotated-evidence",
                                                         "ear.veraison.policy-claims",
                                                         "ear.veraison.key-attestation",
                                                         "ear.trustee.policy"};

Error evaluation_error(const Policy& policy, Error error) {
  const std::string what = "`" + policy.id() + "`: " + error.detail();
  if (error.is(rego::Errc::evaluation_failed)) return Error(Errc::policy_failed, what);
  if (error.is(rego::Errc::time_limit)) return Error(Errc::policy_too_slow, what);
  return std::move(error).while_doing("evaluating policy `" + policy.id() + "`");
}

Result<TrustVector> vector_of(const rego::RuleResult& rule) {
  switch (rule.state) {
    case rego::RuleState::missing:
      return TrustVector::all_zero();
    case rego::RuleState::not_evaluated:
    case rego::RuleState::undefined:
      return Error(Errc::trust_claims_not_object, "it is undefined");
    case rego::RuleState::value:
      break;
  }
  TRY(const json::Value value, json::parse(rule.json));
  return trust_vector_of(value);
}

Result<Extension> extension_of(json::Value& element) {
  json::Object* object = element.as_object();
  if (object == nullptr) return Error(Errc::extensions_malformed, "an element is no object");
  auto name = json::string_member(*object, "name");
  auto key = json::i64_member(*object, "key");
  json::Value* value = object->find("value");
  using Key = std::numeric_limits<std::int32_t>;
  if (!name.ok() || !key.ok() || value == nullptr || *key < Key::min() || *key > Key::max()) {
    return Error(Errc::extensions_malformed, json::write(element).substr(0, 200));
  }
  return Extension{**name, static_cast<std::int32_t>(*key), std::move(*value)};
}

Result<void> check_extensions(const std::vector<Extension>& extensions) {
  std::set<std::string_view> names;
  std::set<std::int32_t> keys;
  for (const Extension& e : extensions) {
    if (!names.insert(e.name).second) return Error(Errc::extension_name_repeated, e.name);
    if (!keys.insert(e.key).second) {
      return Error(Errc::extension_key_repeated, std::to_string(e.key));
    }
    if (std::find(kReservedNames.begin(), kReservedNames.end(), e.name) != kReservedNames.end()) {
      return Error(Errc::extension_name_reserved, e.name);
    }
  }
  return {};
}

Result<std::vector<Extension>> extensions_of(const rego::RuleResult& rule) {
  switch (rule.state) {
    case rego::RuleState::missing:
      return std::vector<Extension>();
    case rego::RuleState::not_evaluated:
    case rego::RuleState::undefined:
      return Error(Errc::extensions_malformed, "it is undefined");
    case rego::RuleState::value:
      break;
  }
  TRY(json::Value value, json::parse(rule.json));
  json::Array* array = value.as_array();
  if (array == nullptr) return Error(Errc::extensions_malformed, "it is no array");
  std::vector<Extension> out;
  for (json::Value& element : *array) {
    TRY(auto extension, extension_of(element));
    out.push_back(std::move(extension));
  }
  TRY_VOID(check_extensions(out));
  std::sort(out.begin(), out.end(),
            [](const Extension& a, const Extension& b) { return a.name < b.name; });
  return out;
}

ReferenceNeeds needs_of(const rego::Evaluation& evaluation) {
  ReferenceNeeds out;
  for (const rego::ReferenceQuery& query : evaluation.queries) {
    if (!query.found) out.names.push_back(query.name);
  }
  return out;
}

}  // namespace

Result<std::variant<Appraisal, ReferenceNeeds>> evaluate(const Policy& policy,
                                                         std::string_view input,
                                                         const References& references,
                                                         std::chrono::milliseconds limit) {
  const rego::Request request{.input = input,
                              .references = references.set,
                              .overlay = references.overlay,
                              .unknown_reference = references.unknown,
                              .time_limit = limit};
  auto evaluation = policy.engine().evaluate(request);
  if (!evaluation.ok()) return evaluation_error(policy, std::move(evaluation).error());
  if (evaluation->needs_references) return needs_of(*evaluation);
  Appraisal out;
  const rego::RuleResult& trust_claims = evaluation->rules.at(kTrustClaimsRule);
  TRY(out.vector, vector_of(trust_claims));
  TRY(out.extensions, extensions_of(evaluation->rules.at(kExtensionsRule)));
  out.has_trust_claims = trust_claims.state != rego::RuleState::missing;
  out.status = out.vector.status();
  out.policy_id = policy.id();
  out.policy_digest = policy.digest();
  out.queries = std::move(evaluation->queries);
  return out;
}

}  // namespace trustee::appraise

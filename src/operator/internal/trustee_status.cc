#include "operator/internal/trustee_status.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "operator/applied.h"
#include "operator/names.h"
#include "operator/object_tree.h"

namespace trustee::operators::internal {
namespace {

constexpr std::string_view kReadyText =
    "TrusteeConfig is ready and KbsConfig is deployed successfully";
constexpr std::string_view kProgressText =
    "TrusteeConfig reconciled but KbsConfig deployment is in progress";

/// The condition as the KbsConfig has it, told there already.
std::optional<Condition> condition_of(const json::Object* kc, std::string_view type) {
  const auto* status = kc == nullptr ? nullptr : object_at(*kc, {"status"});
  const auto* found = status == nullptr ? nullptr : find_condition(*status, type);
  if (found == nullptr) {
    return std::nullopt;
  }
  return Condition{std::string(type), text_at(*found, {"status"}) == "True",
                   text_at(*found, {"reason"}), text_at(*found, {"message"}), false};
}

Condition waiting(std::string_view type) {
  return {std::string(type), false, "Deploying", std::string(kProgressText), false};
}

Condition ready_condition(const json::Object* kc, const Findings& findings, bool ready,
                          const Surroundings& surroundings) {
  const auto* worst = findings.worst();
  if (findings.blocked()) {
    return {"Ready", false, worst->reason, worst->message, false};
  }
  if (!surroundings.unwritten.empty()) {
    return not_written(ready, surroundings);
  }
  const auto told = condition_of(kc, "Ready");
  if (!ready && (!told || told->holds)) {
    return waiting("Ready");
  }
  // An older CRD prunes the conditions of the KbsConfig.
  auto condition = told.value_or(Condition{"Ready", true, "Ready", std::string(kReadyText), false});
  if (condition.holds && worst != nullptr) {
    condition.reason = worst->reason;
    condition.message = worst->message;
  }
  return condition;
}

/// What was found here and in the KbsConfig; what fails there stands before what is merely noted
/// here. `good`: the condition of whom nothing was found of.
Condition united(const Condition& own, const std::optional<Condition>& other,
                 const Condition& good) {
  if (!other || other->reason == good.reason) {
    return own;
  }
  if (!own.tell) {
    return *other;
  }
  const bool own_first = !own.holds || other->holds;
  Condition both = own_first ? own : *other;
  both.message += "; " + (own_first ? other->message : own.message);
  return both;
}

/// What was found here, each once; what the KbsConfig says was told there.
std::vector<Event> own_events(const std::vector<Condition>& own, const json::Object& standing) {
  std::vector<Event> events;
  for (const auto& condition : own) {
    const auto* old = find_condition(standing, condition.type);
    const bool known =
        old != nullptr && text_at(*old, {"message"}).find(condition.message) != std::string::npos;
    if (condition.tell && !known) {
      events.push_back({true, condition.reason, condition.message});
    }
  }
  return events;
}

std::vector<Condition> conditions_of(const json::Object* kc, const Findings& findings, bool ready,
                                     const Surroundings& surroundings) {
  auto conditions = aspect_conditions(findings);
  const auto good = aspect_conditions({});
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    conditions[i] = united(conditions[i], condition_of(kc, conditions[i].type), good[i]);
    conditions[i].tell = false;
  }
  conditions.push_back(
      condition_of(kc, "DeploymentAvailable").value_or(waiting("DeploymentAvailable")));
  conditions.push_back(ready_condition(kc, findings, ready, surroundings));
  return conditions;
}

/// Whether the KbsConfig stands as decided now, and its status is of that: an older CRD keeps no
/// generation there.
bool is_current(const json::Object& kc, std::string_view intent) {
  const auto generation = integer_at(kc, {"metadata", "generation"}).value_or(0);
  return (intent.empty() || annotation_of(kc, kIntentAnnotation) == intent) &&
         integer_at(kc, {"status", "observedGeneration"}).value_or(generation) >= generation;
}

/// Whether the key broker serves as is asked now; where the API server refuses the change, as was
/// asked before.
bool serves(const ItsKbsConfig& kbs_config, const Surroundings& surroundings) {
  const auto* kc = kbs_config.stored;
  return kc != nullptr && bool_at(*kc, {"status", "isReady"}).value_or(false) &&
         (!surroundings.unwritten.empty() || is_current(*kc, kbs_config.intent));
}

}  // namespace

ToldStatus trustee_status(const json::Object& tc, const ItsKbsConfig& kbs_config,
                          const Findings& findings, const Surroundings& surroundings) {
  const auto* kc = kbs_config.stored;
  const bool ready = serves(kbs_config, surroundings) && !findings.blocked();
  const auto conditions = conditions_of(kc, findings, ready, surroundings);
  const auto& standing = standing_status(tc, surroundings);
  json::Object status{
      {"conditions", write_conditions(conditions, tc, standing, surroundings.now)},
      {"isReady", ready},
      {"observedGeneration", integer_at(tc, {"metadata", "generation"}).value_or(0)}};
  std::string text(ready ? kReadyText : kProgressText);
  if (findings.blocked()) {
    text = findings.worst()->message;
  }
  status.set("statusDescription", text);
  if (kc != nullptr || !findings.blocked()) {
    status.set("kbsConfigRef", json::Object{{"apiVersion", kApiVersion},
                                            {"kind", kKbsConfig},
                                            {"name", TrusteeNames(name_of(tc)).kbs_config()},
                                            {"namespace", namespace_of(tc)}});
  }
  ToldStatus told{std::nullopt, own_events(aspect_conditions(findings), standing)};
  std::ranges::copy(condition_events(conditions, standing), std::back_inserter(told.events));
  if (must_write(status, tc, standing)) {
    told.status = std::move(status);
  }
  return told;
}

}  // namespace trustee::operators::internal

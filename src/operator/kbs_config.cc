#include <algorithm>
#include <iterator>
#include <utility>

#include "operator/applied.h"
#include "operator/availability.h"
#include "operator/bodies.h"
#include "operator/conditions.h"
#include "operator/decide.h"
#include "operator/effective_config.h"
#include "operator/errors.h"
#include "operator/instance.h"
#include "operator/internal/mounted_paths.h"
#include "operator/key_pair.h"
#include "operator/lookup.h"
#include "operator/names.h"
#include "operator/object_tree.h"
#include "operator/pod_volumes.h"
#include "operator/workload.h"

namespace trustee::operators {
namespace {

constexpr std::string_view kBudget = "PodDisruptionBudget";
constexpr std::string_view kClaim = "PersistentVolumeClaim";
constexpr std::string_view kNoBudget =
    "no disruption budget can be kept: the operator's role lacks a right to poddisruptionbudgets "
    "(list, watch, create, patch, delete); give it the role that belongs to its version";

bool has_finalizer(const json::Object& kc) {
  const auto finalizers = texts_at(kc, {"metadata", "finalizers"});
  return std::ranges::find(finalizers, kFinalizer) != finalizers.end();
}

class KbsDecision {
 public:
  KbsDecision(const json::Object& kc, const Snapshot& snapshot, const Surroundings& surroundings,
              const KeySource& fresh_keys)
      : kc_(kc),
        lookup_(snapshot),
        surroundings_(surroundings),
        fresh_keys_(fresh_keys),
        ns_(namespace_of(kc)),
        microservices_(text_at(kc, {"spec", "kbsDeploymentType"}) == "MicroservicesDeployment") {}

  Decision run() && {
    if (is_anothers(kc_, surroundings_.operator_namespace)) return {};
    if (auto problem = check_instance(kc_, kKbsConfig, surroundings_.operator_namespace, lookup_)) {
      findings_.add(std::move(*problem));
    } else {
      check_names();
      check_claim();
      drop_finalizer();
    }
    if (!findings_.blocked()) {
      effective();
      session_keys();
      deployment();
      service();
      budget();
    }
    finish();
    return std::move(decision_);
  }

 private:
  void need_name(std::string_view field, std::string_view kind, std::string_view volume) {
    if (text_at(kc_, {"spec", field}).empty()) {
      const bool secret = kind == "Secret";
      findings_.add(
          {secret ? Aspect::secrets : Aspect::configuration, Weight::blocking,
           secret ? "SecretNotNamed" : "ConfigMapNotNamed",
           std::string(kind) + " name hasn't been provided for volume " + std::string(volume)});
    }
  }

  void check_names() {
    need_name("kbsConfigMapName", "ConfigMap", "kbs-config");
    need_name("kbsAuthSecretName", "Secret", "auth-secret");
    if (microservices_) {
      need_name("kbsAsConfigMapName", "ConfigMap", "as-config");
      need_name("kbsRvpsConfigMapName", "ConfigMap", "rvps-config");
    }
    if (keeps_on_claim(kc_) &&
        text_at(kc_, {"spec", "KbsDeploymentSpec", "storage", "claimName"}).empty()) {
      findings_.add({Aspect::configuration, Weight::blocking, "ClaimNotNamed",
                     "KbsDeploymentSpec.storage needs claimName: name a PersistentVolumeClaim"});
    }
  }

  /// Replicas may come to run on several nodes.
  void check_claim() {
    const auto name = text_at(kc_, {"spec", "KbsDeploymentSpec", "storage", "claimName"});
    if (!keeps_on_claim(kc_) || name.empty() || replicas_of(kc_) < 2) {
      return;
    }
    const auto* claim = lookup_.find(kClaim, ns_, name);
    if (claim == nullptr) {
      return;  // missing, of which the pods tell, or not ours to read
    }
    const auto modes = texts_at(*claim, {"spec", "accessModes"});
    if (std::ranges::find(modes, std::string_view("ReadWriteMany")) == modes.end()) {
      findings_.add({Aspect::configuration, Weight::degraded, "ClaimForOnePod",
                     "KbsDeploymentSpec.storage: claim " + name +
                         " is not ReadWriteMany, so that replicas cannot share it; use one replica "
                         "or a ReadWriteMany claim"});
    }
  }

  /// Released operators put a finalizer on what they deploy. Owner references do its work once the
  /// Deployment has ours.
  void drop_finalizer() {
    const auto* stored = lookup_.find("Deployment", ns_, kDeployment);
    if (has_finalizer(kc_) && stored != nullptr && is_controlled_by(*stored, uid_of(kc_))) {
      decision_.drop_finalizer = std::string(kFinalizer);
    }
  }

  void effective() {
    auto made = effective_config(kc_, lookup_, findings_);
    toml_ = std::move(made.toml);
    const auto name = effective_name(name_of(kc_));
    auto body = body_of({"ConfigMap", ns_, name});
    own(body, kc_, kKbsConfig, lookup_.find("ConfigMap", ns_, name));
    body.set("data", std::move(made.data));
    apply(std::move(body));
  }

  void session_keys() {
    const ObjectRef ref{"Secret", ns_, session_keys_name(name_of(kc_))};
    if (lookup_.find(ref.kind, ref.ns, ref.name) != nullptr) {
      return;
    }
    const auto key = fresh_keys_.session_key();
    if (!key.ok()) {
      findings_.add(Aspect::secrets, Weight::blocking,
                    Error(Errc::key_making_failed, key.error().to_string()));
      return;
    }
    auto body = body_of(ref);
    set_at(body, {"metadata", "labels"}, standard_labels(name_of(kc_), "session"));
    own(body, kc_, kKbsConfig, nullptr);
    body.set("type", "Opaque");
    body.set("data", session_key_data(*key));
    decision_.create.emplace_back(std::move(body));
  }

  /// What a running pod does not take up by itself.
  std::string config_version() {
    std::string content = toml_;
    for (const auto& [field, key] : {std::pair("kbsAsConfigMapName", "as-config.json"),
                                     std::pair("kbsRvpsConfigMapName", "rvps-config.json")}) {
      const auto* config_map =
          microservices_ ? lookup_.find("ConfigMap", ns_, text_at(kc_, {"spec", field})) : nullptr;
      const auto* text = config_map == nullptr ? nullptr : config_entry(*config_map, key);
      content += '\n' + (text == nullptr ? std::string() : *text);
    }
    return short_hash(content, 16);
  }

  void check_mounts() {
    for (auto& problem : internal::unmounted_paths(toml_, kc_, microservices_)) {
      findings_.add(std::move(problem));
    }
  }

  /// Held back while something that it needs is missing: what runs, runs on.
  void deployment() {
    const auto* stored = lookup_.find("Deployment", ns_, kDeployment);
    auto volumes = pod_volumes(kc_, microservices_, lookup_, findings_);
    check_mounts();
    if (findings_.blocked()) {
      return;
    }
    const WorkloadFacts facts{microservices_, internal::speaks_tls(toml_), config_version()};
    auto body = deployment_body(kc_, stored, facts, std::move(volumes), surroundings_);
    stamp_intent(body);
    tell_write(body, stored);
    decision_.apply.emplace_back(std::move(body));
  }

  void tell_write(const json::Object& body, const json::Object* stored) {
    if (stored == nullptr) {
      decision_.events.push_back(
          {false, "DeploymentCreated", "Trustee deployment created successfully"});
    } else if (annotation_of(body, kIntentAnnotation) !=
               annotation_of(*stored, kIntentAnnotation)) {
      changing_ = true;
      decision_.events.push_back(
          {false, "DeploymentUpdated", "Trustee deployment updated successfully"});
    }
  }

  void service() {
    const auto* stored = lookup_.find("Service", ns_, kService);
    auto body = service_body(kc_, stored);
    if (stored == nullptr) {
      decision_.events.push_back({false, "ServiceCreated", "KBS service created successfully"});
    }
    apply(std::move(body));
  }

  /// Looked up though it is refused: a right given back wakes who looked.
  void budget() {
    const ObjectRef ref{std::string(kBudget), ns_, std::string(kDeployment)};
    const auto* stored = lookup_.find(ref.kind, ref.ns, ref.name);
    const bool refused = surroundings_.refused.contains(kBudget);
    if (wants_budget(kc_)) {
      keep_budget(stored, refused);
    } else if (!refused && stored != nullptr && is_controlled_by(*stored, uid_of(kc_)) &&
               !is_deleting(*stored)) {
      decision_.remove.push_back({ref, uid_of(*stored)});
    }
  }

  /// A refusal is forgotten after a while, so that the write is tried again: until it has come to
  /// pass, what was told stays told.
  void keep_budget(const json::Object* stored, bool refused) {
    auto body = budget_body(kc_, stored);
    stamp_intent(body);
    const bool stands = stored != nullptr && already_applied(body, *stored);
    if (refused || (!stands && told_of_no_budget())) {
      findings_.add(
          {Aspect::configuration, Weight::note, "BudgetNotAllowed", std::string(kNoBudget)});
    }
    if (!refused) {
      decision_.apply.emplace_back(std::move(body));
    }
  }

  bool told_of_no_budget() const {
    const auto* told = find_condition(standing_status(kc_, surroundings_), "ConfigurationValid");
    return told != nullptr && text_at(*told, {"message"}).find(kNoBudget) != std::string::npos;
  }

  void apply(json::Object body) {
    stamp_intent(body);
    decision_.apply.emplace_back(std::move(body));
  }

  Condition ready_condition(const Condition& available) const {
    const auto* worst = findings_.worst();
    if (findings_.blocked()) {
      return {"Ready", false, worst->reason, worst->message, false};
    }
    if (!surroundings_.unwritten.empty()) {
      return not_written(available.holds, surroundings_);
    }
    if (!available.holds) {
      return {"Ready", false, available.reason, available.message, false};
    }
    if (worst != nullptr) {
      return {"Ready", true, worst->reason, worst->message, false};
    }
    return {"Ready", true, "Ready", "Trustee is deployed and serves", false};
  }

  /// What serves is not what is asked for before the Deployment is written. Where that is refused,
  /// what runs goes on.
  Condition available_condition(const json::Object* deployment) {
    auto condition = availability(deployment, kc_, lookup_);
    if (condition.holds && changing_ && surroundings_.unwritten.empty()) {
      condition.holds = false;
      condition.reason = kRollingOut;
      condition.message = "the deployment is being changed";
    }
    return condition;
  }

  void finish() {
    auto conditions = aspect_conditions(findings_);
    // A second instance does not borrow the first one's.
    const auto* deployment = deployment_of(kc_, surroundings_.operator_namespace, lookup_);
    const auto available = available_condition(deployment);
    const auto ready = ready_condition(available);
    conditions.push_back(available);
    conditions.push_back(ready);
    const auto& standing = standing_status(kc_, surroundings_);
    std::ranges::copy(condition_events(conditions, standing), std::back_inserter(decision_.events));
    tell_readiness(available.holds, deployment, standing);
    json::Object status{
        {"conditions", write_conditions(conditions, kc_, standing, surroundings_.now)},
        {"isReady", available.holds},
        {"observedGeneration", integer_at(kc_, {"metadata", "generation"}).value_or(0)}};
    if (must_write(status, kc_, standing)) {
      decision_.status = std::move(status);
    }
    decision_.wants = lookup_.wants();
  }

  /// A change during which the pods of before serve is nothing to warn of.
  void tell_readiness(bool ready, const json::Object* deployment, const json::Object& standing) {
    const bool was_ready = bool_at(standing, {"isReady"}).value_or(false);
    const auto* was = find_condition(standing, "DeploymentAvailable");
    const bool served = was_ready || (was != nullptr && text_at(*was, {"reason"}) == kRollingOut);
    if (ready && !was_ready && surroundings_.unwritten.empty()) {
      decision_.events.push_back({false, "Ready", "Trustee deployment is ready"});
    } else if (!ready && served && lacks_ready_pods(deployment)) {
      decision_.events.push_back({true, "NotReady", "Trustee deployment is no longer ready"});
    }
  }

  const json::Object& kc_;
  Lookup lookup_;
  const Surroundings& surroundings_;
  const KeySource& fresh_keys_;
  std::string ns_;
  bool microservices_;
  std::string toml_;
  bool changing_ = false;  ///< the Deployment that stands is not the one that is decided
  Findings findings_;
  Decision decision_;
};

/// A KbsConfig that goes takes its Deployment along; a Deployment that is gone already is no
/// reason to stay (OP-81). Owner references would do, but older operators left their finalizer.
Decision decide_deletion(const json::Object& kc, const Snapshot& snapshot,
                         const Surroundings& surroundings) {
  Decision decision;
  const auto ns = namespace_of(kc);
  if (!has_finalizer(kc) || ns != surroundings.operator_namespace) {
    return decision;  // elsewhere it is another operator's, which has still to do its work
  }
  Lookup lookup(snapshot);
  const auto* deployment = deployment_of(kc, surroundings.operator_namespace, lookup);
  if (deployment != nullptr && !is_deleting(*deployment)) {
    decision.remove.push_back({{"Deployment", ns, std::string(kDeployment)}, uid_of(*deployment)});
  }
  decision.drop_finalizer = std::string(kFinalizer);
  decision.wants = lookup.wants();
  return decision;
}

}  // namespace

Decision decide_kbs_config(const json::Object& kc, const Snapshot& snapshot,
                           const Surroundings& surroundings, const KeySource& fresh_keys) {
  if (is_deleting(kc)) {
    return decide_deletion(kc, snapshot, surroundings);
  }
  return KbsDecision(kc, snapshot, surroundings, fresh_keys).run();
}

}  // namespace trustee::operators

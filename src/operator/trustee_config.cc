#include <algorithm>
#include <utility>

#include "operator/applied.h"
#include "operator/bodies.h"
#include "operator/conditions.h"
#include "operator/decide.h"
#include "operator/derived_secrets.h"
#include "operator/errors.h"
#include "operator/generated_text.h"
#include "operator/ibm_se.h"
#include "operator/instance.h"
#include "operator/internal/not_in_force.h"
#include "operator/internal/open_settings.h"
#include "operator/internal/trustee_status.h"
#include "operator/kbs_spec.h"
#include "operator/kbs_toml.h"
#include "operator/key_pair.h"
#include "operator/lookup.h"
#include "operator/names.h"
#include "operator/object_tree.h"
#include "operator/templates.h"
#include "operator/tls_settings.h"
#include "operator/toml_edit.h"

namespace trustee::operators {
namespace {

constexpr std::string_view kTdxConfig =
    "{\"collateral_service\": \"https://api.trustedservices.intel.com/sgx/certification/v4/\"}\n";

class TrusteeDecision {
 public:
  TrusteeDecision(const json::Object& tc, const Snapshot& snapshot,
                  const Surroundings& surroundings, const KeySource& fresh_keys)
      : tc_(tc),
        lookup_(snapshot),
        surroundings_(surroundings),
        fresh_keys_(fresh_keys),
        names_(name_of(tc)),
        ns_(namespace_of(tc)) {}

  Decision run() && {
    if (is_anothers(tc_, surroundings_.operator_namespace)) return {};
    check_place_and_profile();
    if (!findings_.blocked()) {
      check_inputs();
    }
    if (!findings_.blocked()) {
      ensure_config();
      ensure_policies();
      ensure_secrets();
      ensure_kbs_config();
    }
    finish();
    return std::move(decision_);
  }

 private:
  void check_place_and_profile() {
    if (auto problem =
            check_instance(tc_, kTrusteeConfig, surroundings_.operator_namespace, lookup_)) {
      findings_.add(std::move(*problem));
      return;
    }
    const auto profile = text_at(tc_, {"spec", "profileType"});
    restricted_ = profile == "Restricted";
    if (!restricted_ && profile != "Permissive") {
      findings_.add({Aspect::configuration, Weight::blocking, "ProfileUnknown",
                     "spec.profileType is `" + profile +
                         "`; write Restricted, or Permissive for a first look without protection"});
    }
  }

  void check_inputs() {
    auto tls = read_tls_settings(object_at(tc_, {"spec", "tlsConfig"}));
    if (!tls.ok()) {
      findings_.add(Aspect::configuration, Weight::blocking, tls.error());
    }
    https_ = derive_secrets(tc_, https_source(tc_), restricted_, lookup_, surroundings_.now);
    attestation_ =
        derive_secrets(tc_, attestation_source(tc_), restricted_, lookup_, surroundings_.now);
    volume_ = ibm_volume(tc_, lookup_, surroundings_);
    for (const auto* derived : {&https_, &attestation_}) {
      std::ranges::for_each(derived->problems, [this](const Problem& p) { findings_.add(p); });
    }
    std::ranges::for_each(volume_.problems, [this](const Problem& p) { findings_.add(p); });
    facts_.restricted = restricted_;
    facts_.token_key = attestation_.wanted;
    if (https_.wanted && tls.ok()) {
      facts_.tls = std::move(*tls);
    }
  }

  bool ibm() const { return object_at(tc_, {"spec", "ibmSE"}) != nullptr; }

  void ensure_config() {
    const GeneratedText wanted{
        {"ConfigMap", ns_, names_.kbs_config()}, kTomlKey, render_kbs_toml(facts_)};
    ensure(wanted, [this](const std::string& text) -> Result<std::string> {
      return facts_.tls ? merge_tls(text, *facts_.tls) : Result<std::string>(text);
    });
    note_open(names_.kbs_config(), internal::open_configuration);
    check_in_force();
  }

  /// A Restricted profile tells what is open instead.
  void check_in_force() {
    const auto* stored = lookup_.find("ConfigMap", ns_, names_.kbs_config());
    if (restricted_ || stored == nullptr) {
      return;
    }
    for (auto& problem : internal::not_in_force(*stored, facts_)) {
      findings_.add(std::move(problem));
    }
  }

  /// What is edited is the user's, but a Restricted profile does not hide what it opens.
  void note_open(const std::string& config_map,
                 std::optional<Problem> (*open_part)(const json::Object&)) {
    const auto* stored = lookup_.find("ConfigMap", ns_, config_map);
    if (!restricted_ || stored == nullptr) {
      return;
    }
    if (auto problem = open_part(*stored)) {
      findings_.add(std::move(*problem));
    }
  }

  std::string resource_policy() const {
    const auto& templates = policy_templates();
    if (ibm()) {
      return std::string(templates.resource_ibm);
    }
    return std::string(restricted_ ? templates.resource_restrictive
                                   : templates.resource_permissive);
  }

  void ensure_policies() {
    ensure_entry(names_.resource_policy(), kResourcePolicyKey, resource_policy());
    note_open(names_.resource_policy(), internal::open_resource_policy);
    ensure_entry(names_.reference_values(), kReferenceValuesKey, "{}\n");
    if (!ibm()) {
      const std::string cpu(policy_templates().attestation_cpu);
      ensure_entry(names_.cpu_policy(), kCpuPolicyKey, cpu);
      ensure_entry(names_.old_cpu_policy(), kCpuPolicyKey, cpu);
      ensure_entry(names_.gpu_policy(), kGpuPolicyKey,
                   std::string(policy_templates().attestation_gpu));
    }
    ensure_entry(names_.tdx_config(), kTdxKey, std::string(kTdxConfig));
  }

  void ensure_entry(const std::string& name, std::string_view key, std::string content) {
    ensure({{"ConfigMap", ns_, name}, key, std::move(content)}, nullptr);
  }

  void ensure(const GeneratedText& wanted,
              const std::function<Result<std::string>(const std::string&)>& adjust) {
    const auto& ref = wanted.config_map;
    auto change = ensure_text(wanted, lookup_.find(ref.kind, ref.ns, ref.name), tc_, adjust);
    if (!change.ok()) {
      findings_.add(Aspect::configuration, Weight::degraded,
                    Error(change.error().code(), "ConfigMap " + ref.name + ": " +
                                                     std::string(change.error().code().text()) +
                                                     " " + change.error().detail()));
      return;
    }
    if (change->create) {
      decision_.create.emplace_back(std::move(*change->create));
    }
    if (change->apply) {
      apply(std::move(*change->apply));
    }
  }

  void ensure_secrets() {
    ensure_auth_secret();
    ensure_secret("attestation-status", "sample", {{"status", "c3VjY2Vzcw=="}});
    ensure_secret("kbsres1", "sample", {{"key1", "cmVzMXZhbDE="}, {"key2", "cmVzMXZhbDI="}});
    for (auto* derived : {&https_, &attestation_}) {
      for (auto& body : derived->apply) {
        apply(std::move(body));
      }
    }
    if (volume_.create) {
      decision_.create.emplace_back(std::move(*volume_.create));
    }
    if (volume_.remove) {
      decision_.remove.push_back(std::move(*volume_.remove));
    }
  }

  void ensure_auth_secret() {
    json::Object data;
    if (lookup_.find("Secret", ns_, names_.auth_secret()) == nullptr) {
      const auto key = fresh_keys_.ed25519();
      if (!key.ok()) {
        findings_.add(Aspect::secrets, Weight::blocking,
                      Error(Errc::key_making_failed, key.error().to_string()));
        return;
      }
      data = auth_secret_data(*key);
    }
    ensure_secret(names_.auth_secret(), "auth", std::move(data));
  }

  /// Made when missing; otherwise its data are the user's, and only labels are added.
  void ensure_secret(const std::string& name, std::string_view component, json::Object data) {
    const ObjectRef ref{"Secret", ns_, name};
    const auto* stored = lookup_.find(ref.kind, ref.ns, ref.name);
    const auto labels = standard_labels(name_of(tc_), component);
    if (stored != nullptr &&
        (has_labels(*stored, labels) ||
         (has_controller(*stored) && !is_controlled_by(*stored, uid_of(tc_))))) {
      return;
    }
    auto body = body_of(ref);
    set_at(body, {"metadata", "labels"}, labels);
    if (stored != nullptr) {
      apply(std::move(body));
      return;
    }
    own(body, tc_, kTrusteeConfig, nullptr);
    body.set("type", "Opaque");
    body.set("data", std::move(data));
    decision_.create.emplace_back(std::move(body));
  }

  json::Object deployment_spec() const {
    const auto* given = object_at(tc_, {"spec", "deployment"});
    json::Object spec = given == nullptr ? json::Object() : *given;
    if (!spec.contains("replicas")) {
      spec.set("replicas", 1);
    }
    return spec;
  }

  json::Object generated_spec() const {
    const auto service_type = text_at(tc_, {"spec", "kbsServiceType"});
    json::Object spec{{"kbsServiceType", service_type.empty() ? "ClusterIP" : service_type},
                      {"kbsDeploymentType", "AllInOneDeployment"},
                      {"KbsDeploymentSpec", deployment_spec()},
                      {"kbsConfigMapName", names_.kbs_config()},
                      {"kbsAuthSecretName", names_.auth_secret()},
                      {"kbsResourcePolicyConfigMapName", names_.resource_policy()},
                      {"kbsRvpsRefValuesConfigMapName", names_.reference_values()},
                      {"tdxConfigSpec", json::Object{{"kbsTdxConfigMapName", names_.tdx_config()}}},
                      {"kbsSecretResources", json::Array{"attestation-status", "kbsres1"}}};
    if (!restricted_) {
      spec.set("KbsEnvVars", json::Object{{"RUST_LOG", "debug"}});
    }
    if (ibm()) {
      set_at(spec, {"ibmSEConfigSpec", "certStorePvc"}, names_.ibm_claim());
    } else {
      spec.set("kbsAttestationPolicyConfigMapName", names_.cpu_policy());
      spec.set("kbsGpuAttestationPolicyConfigMapName", names_.gpu_policy());
    }
    if (https_.wanted) {
      spec.set("kbsHttpsKeySecretName", names_.https_key());
      spec.set("kbsHttpsCertSecretName", names_.https_cert());
    }
    if (attestation_.wanted) {
      spec.set("kbsAttestationKeySecretName", names_.attestation_key());
      spec.set("kbsAttestationCertSecretName", names_.attestation_cert());
    }
    return spec;
  }

  void ensure_kbs_config() {
    if (findings_.blocked()) {
      return;
    }
    const ObjectRef ref{std::string(kKbsConfig), ns_, names_.kbs_config()};
    const auto* stored = lookup_.find(ref.kind, ref.ns, ref.name);
    auto merged = merge_kbs_spec(generated_spec(), stored, names_.ibm_claim());
    auto body = body_of(ref);
    set_at(body, {"metadata", "annotations", kGeneratedSpecAnnotation}, merged.remembered);
    own(body, tc_, kTrusteeConfig, stored);
    body.set("spec", std::move(merged.spec));
    apply(std::move(body));
    intent_ = annotation_of(*decision_.apply.back().as_object(), kIntentAnnotation);
  }

  void apply(json::Object body) {
    stamp_intent(body);
    decision_.apply.emplace_back(std::move(body));
  }

  void finish() {
    const auto* kc = lookup_.find(kKbsConfig, ns_, names_.kbs_config());
    auto told = internal::trustee_status(tc_, {kc, intent_}, findings_, surroundings_);
    decision_.status = std::move(told.status);
    decision_.events = std::move(told.events);
    for (const auto* derived : {&https_, &attestation_}) {
      if (derived->not_after) {
        const auto left =
            std::chrono::ceil<std::chrono::seconds>(*derived->not_after - surroundings_.now) +
            std::chrono::seconds(1);
        decision_.again = decision_.again ? std::min(*decision_.again, left) : left;
      }
    }
    if (std::ranges::any_of(findings_.all(), [](const Problem& problem) {
          return problem.reason == "CertificateNotInForce";
        })) {
      decision_.again = std::chrono::minutes(1);
    }
    decision_.wants = lookup_.wants();
  }

  const json::Object& tc_;
  Lookup lookup_;
  const Surroundings& surroundings_;
  const KeySource& fresh_keys_;
  TrusteeNames names_;
  std::string ns_;
  bool restricted_ = false;
  KbsTomlFacts facts_;
  DerivedSecrets https_;
  DerivedSecrets attestation_;
  IbmVolume volume_;
  std::string intent_;  ///< of the KbsConfig
  Findings findings_;
  Decision decision_;
};

}  // namespace

Decision decide_trustee_config(const json::Object& tc, const Snapshot& snapshot,
                               const Surroundings& surroundings, const KeySource& fresh_keys) {
  if (is_deleting(tc)) {
    return {};  // owner references do the rest
  }
  return TrusteeDecision(tc, snapshot, surroundings, fresh_keys).run();
}

}  // namespace trustee::operators

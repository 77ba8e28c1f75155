#include "operator/workload.h"

#include <map>
#include <utility>

#include "operator/bodies.h"
#include "operator/names.h"
#include "operator/object_tree.h"

namespace trustee::operators {
namespace {

constexpr std::string_view kKbsImage = "ghcr.io/confidential-containers/key-broker-service:latest";
constexpr std::string_view kAsImage = "ghcr.io/confidential-containers/attestation-service:latest";
constexpr std::string_view kRvpsImage =
    "ghcr.io/confidential-containers/reference-value-provider-service:latest";

constexpr std::int64_t kGroup = 65532;  // of our images

json::Object selector_labels() { return {{"app", "kbs"}}; }

void set_proxy(std::map<std::string, std::string>& env, const std::string& upper,
               const std::string& lower, const std::string& value) {
  if (!value.empty()) {
    env[upper] = value;
    env[lower] = value;
  }
}

/// The cluster's proxy, overlaid by what the user sets, sorted by name.
json::Array environment(const json::Object& kc, const Surroundings& surroundings) {
  std::map<std::string, std::string> env;
  if (const auto& cluster = surroundings.open_shift) {
    set_proxy(env, "HTTP_PROXY", "http_proxy", cluster->http_proxy);
    set_proxy(env, "HTTPS_PROXY", "https_proxy", cluster->https_proxy);
    set_proxy(env, "NO_PROXY", "no_proxy", cluster->no_proxy);
  }
  if (const auto* given = object_at(kc, {"spec", "KbsEnvVars"}); given != nullptr) {
    for (const auto& member : *given) {
      if (const auto* value = member.value.as_string(); value != nullptr) {
        env[member.name] = *value;
      }
    }
  }
  json::Array array;
  for (const auto& [name, value] : env) {
    array.emplace_back(json::Object{{"name", name}, {"value", value}});
  }
  return array;
}

json::Object probe(std::string_view scheme, int delay, int period) {
  return {{"httpGet", json::Object{{"path", "/healthz"}, {"port", 8080}, {"scheme", scheme}}},
          {"initialDelaySeconds", delay},
          {"periodSeconds", period},
          {"timeoutSeconds", 5},
          {"failureThreshold", 3}};
}

struct ContainerFacts {
  std::string_view name;
  std::string image;
  json::Array command;
  int port;
  json::Array mounts;
};

json::Object container(const ContainerFacts& facts, const json::Object& kc,
                       const json::Array& env) {
  const auto* deployment = object_at(kc, {"spec", "KbsDeploymentSpec"});
  const json::Object none;
  const auto& given = deployment == nullptr ? none : *deployment;
  json::Object made{
      {"name", facts.name},
      {"image", facts.image},
      {"command", facts.command},
      {"terminationMessagePolicy", "FallbackToLogsOnError"},  // availability tells it
      {"ports", json::Array{json::Object{
                    {"name", facts.name}, {"containerPort", facts.port}, {"protocol", "TCP"}}}},
      {"securityContext",
       json::Object{{"allowPrivilegeEscalation", false},
                    {"capabilities", json::Object{{"drop", json::Array{"ALL"}}}},
                    {"readOnlyRootFilesystem", true},
                    {"runAsNonRoot", true},
                    {"seccompProfile", json::Object{{"type", "RuntimeDefault"}}}}}};
  const auto* resources = object_at(given, {"resources"});
  made.set("resources",
           resources != nullptr
               ? *resources
               : json::Object{{"requests", json::Object{{"cpu", "50m"}, {"memory", "64Mi"}}}});
  if (const auto policy = text_at(given, {"imagePullPolicy"}); !policy.empty()) {
    made.set("imagePullPolicy", policy);
  }
  if (!env.empty()) {
    made.set("env", env);
  }
  if (!facts.mounts.empty()) {
    made.set("volumeMounts", facts.mounts);
  }
  return made;
}

std::string image_or(const std::string& image, std::string_view fallback) {
  return image.empty() ? std::string(fallback) : image;
}

json::Array containers(const json::Object& kc, const WorkloadFacts& facts, PodVolumes& volumes,
                       const Surroundings& surroundings) {
  const auto env = environment(kc, surroundings);
  const auto& images = surroundings.images;
  auto kbs = container(
      {"kbs", image_or(facts.microservices ? images.kbs_microservices : images.kbs, kKbsImage),
       json::Array{"/usr/local/bin/kbs", "--config-file", "/etc/kbs-config/kbs-config.toml"}, 8080,
       std::move(volumes.kbs)},
      kc, env);
  const std::string_view scheme = facts.https ? "HTTPS" : "HTTP";
  kbs.set("readinessProbe", probe(scheme, 5, 10));
  kbs.set("livenessProbe", probe(scheme, 15, 30));
  json::Array made{std::move(kbs)};
  if (facts.microservices) {
    made.emplace_back(container({"as", image_or(images.as, kAsImage),
                                 json::Array{"/usr/local/bin/grpc-as", "--socket", "0.0.0.0:50004",
                                             "--config-file", "/etc/as-config/as-config.json"},
                                 50004, std::move(volumes.as)},
                                kc, env));
    made.emplace_back(
        container({"rvps", image_or(images.rvps, kRvpsImage),
                   json::Array{"/usr/local/bin/rvps", "-c", "/etc/rvps-config/rvps-config.json"},
                   50003, std::move(volumes.rvps)},
                  kc, env));
  }
  return made;
}

/// Fields of the pod that KbsDeploymentSpec passes on as they are.
void pass_on(json::Object& pod, const json::Object& kc) {
  for (const std::string_view field :
       {"nodeSelector", "tolerations", "affinity", "topologySpreadConstraints", "priorityClassName",
        "imagePullSecrets"}) {
    if (const auto* value = value_at(kc, {"spec", "KbsDeploymentSpec", field}); value != nullptr) {
      pod.set(field, *value);
    }
  }
}

/// Gives the pod's group the files of the user's claim: a new volume is root's.
void set_group(json::Object& pod, const json::Object& kc, const Surroundings& surroundings) {
  if (!keeps_on_claim(kc)) return;
  const auto asked = integer_at(kc, {"spec", "KbsDeploymentSpec", "storage", "fsGroup"});
  // OpenShift gives each namespace groups of its own, and refuses others.
  if (!asked.has_value() && surroundings.open_shift.has_value()) return;
  set_at(pod, {"securityContext", "fsGroup"}, asked.value_or(kGroup));
  // Walking through all files at each start is not needed once the group is right.
  set_at(pod, {"securityContext", "fsGroupChangePolicy"}, "OnRootMismatch");
}

json::Object pod_template(const json::Object& kc, const WorkloadFacts& facts, PodVolumes volumes,
                          const Surroundings& surroundings) {
  json::Object pod{{"automountServiceAccountToken", false},
                   {"terminationGracePeriodSeconds", 40},  // the KBS ends within 35
                   {"securityContext",
                    json::Object{{"runAsNonRoot", true},
                                 {"seccompProfile", json::Object{{"type", "RuntimeDefault"}}}}},
                   {"containers", containers(kc, facts, volumes, surroundings)},
                   {"volumes", std::move(volumes.volumes)}};
  pass_on(pod, kc);
  set_group(pod, kc, surroundings);
  return {{"metadata", json::Object{{"labels", pod_labels(kc)},
                                    {"annotations", json::Object{{std::string(kVersionsAnnotation),
                                                                  facts.config_version}}}}},
          {"spec", std::move(pod)}};
}

/// The old pod serves until the new one is ready, unless they would fight over one volume.
json::Object strategy(const json::Object& kc) {
  if (keeps_on_claim(kc)) return {{"type", "Recreate"}};
  return {{"type", "RollingUpdate"},
          {"rollingUpdate", json::Object{{"maxUnavailable", 0}, {"maxSurge", 1}}}};
}

}  // namespace

json::Object pod_labels(const json::Object& kc) {
  return {{"app", "kbs"},
          {"app.kubernetes.io/instance", label_value(name_of(kc))},
          {"app.kubernetes.io/managed-by", "trustee-operator"},
          {"app.kubernetes.io/part-of", "trustee"}};
}

std::int64_t replicas_of(const json::Object& kc) {
  return integer_at(kc, {"spec", "KbsDeploymentSpec", "replicas"}).value_or(1);
}

json::Object deployment_body(const json::Object& kc, const json::Object* stored,
                             const WorkloadFacts& facts, PodVolumes volumes,
                             const Surroundings& surroundings) {
  auto body = body_of({"Deployment", namespace_of(kc), std::string(kDeployment)});
  // Nobody's becomes ours: it counts as ours already and has to go with us.
  own(body, kc, kKbsConfig, stored != nullptr && has_controller(*stored) ? stored : nullptr);
  body.set("spec",
           json::Object{{"replicas", replicas_of(kc)},
                        {"selector", json::Object{{"matchLabels", selector_labels()}}},
                        {"strategy", strategy(kc)},
                        {"template", pod_template(kc, facts, std::move(volumes), surroundings)}});
  return body;
}

json::Object service_body(const json::Object& kc, const json::Object* stored) {
  auto body = body_of({"Service", namespace_of(kc), std::string(kService)});
  own(body, kc, kKbsConfig, stored);
  const auto type = text_at(kc, {"spec", "kbsServiceType"});
  body.set("spec", json::Object{{"type", type.empty() ? "ClusterIP" : type},
                                {"selector", selector_labels()},
                                {"ports", json::Array{json::Object{{"name", "kbs-port"},
                                                                   {"protocol", "TCP"},
                                                                   {"port", 8080},
                                                                   {"targetPort", 8080}}}}});
  return body;
}

bool wants_budget(const json::Object& kc) {
  return object_at(kc, {"spec", "KbsDeploymentSpec", "podDisruptionBudget"}) != nullptr ||
         replicas_of(kc) >= 2;
}

json::Object budget_body(const json::Object& kc, const json::Object* stored) {
  auto body = body_of({"PodDisruptionBudget", namespace_of(kc), std::string(kDeployment)});
  own(body, kc, kKbsConfig, stored);
  const auto* given = object_at(kc, {"spec", "KbsDeploymentSpec", "podDisruptionBudget"});
  json::Object spec =
      given != nullptr && !given->empty() ? *given : json::Object{{"maxUnavailable", 1}};
  spec.set("selector", json::Object{{"matchLabels", selector_labels()}});
  body.set("spec", std::move(spec));
  return body;
}

}  // namespace trustee::operators

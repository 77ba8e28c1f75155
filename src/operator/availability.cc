#include "operator/availability.h"

#include <utility>

#include "operator/bodies.h"
#include "operator/object_tree.h"
#include "operator/workload.h"

namespace trustee::operators {
namespace {

Condition not_yet(std::string reason, std::string message) {
  return {"DeploymentAvailable", false, std::move(reason), std::move(message), false};
}

/// What one container says of why it does not run: waiting, or how it ended last.
std::string trouble_of(const json::Object& status) {
  const auto waiting = text_at(status, {"state", "waiting", "reason"});
  if (waiting.empty() || waiting == "ContainerCreating" || waiting == "PodInitializing") {
    return {};
  }
  auto text = "container " + text_at(status, {"name"}) + ": " + waiting;
  auto detail = text_at(status, {"lastState", "terminated", "message"});
  if (detail.empty()) {
    detail = text_at(status, {"state", "waiting", "message"});
  }
  return detail.empty() ? text : text + ": " + detail;
}

/// Other pods of the namespace may be called `app: kbs`, too.
std::string trouble_of_pods(const json::Object& kc, Lookup& lookup) {
  const auto labels = pod_labels(kc);
  for (const auto* pod : lookup.list("Pod", namespace_of(kc))) {
    if (!has_labels(*pod, labels) || is_deleting(*pod)) {
      continue;
    }
    const auto* statuses = array_at(*pod, {"status", "containerStatuses"});
    for (const auto& value : statuses == nullptr ? json::Array() : *statuses) {
      const auto* status = value.as_object();
      if (auto trouble = status == nullptr ? "" : trouble_of(*status); !trouble.empty()) {
        return trouble;
      }
    }
  }
  return {};
}

}  // namespace

Condition availability(const json::Object* deployment, const json::Object& kc, Lookup& lookup) {
  if (deployment == nullptr) {
    return not_yet("DeploymentMissing", "trustee-deployment does not exist yet");
  }
  const auto count = [deployment](std::string_view member) {
    return integer_at(*deployment, {"status", member}).value_or(0);
  };
  const auto wanted = integer_at(*deployment, {"spec", "replicas"}).value_or(1);
  if (wanted == 0) {
    return not_yet("ScaledToZero", "replicas is 0; raise it to serve");
  }
  const bool current = count("observedGeneration") >=
                       integer_at(*deployment, {"metadata", "generation"}).value_or(0);
  // While a surge lasts, readyReplicas may count pods of the older template.
  const bool settled = current && count("replicas") <= count("updatedReplicas");
  if (settled && count("updatedReplicas") >= wanted && count("readyReplicas") >= wanted) {
    return {"DeploymentAvailable", true, "PodsReady", "all pods are ready", false};
  }
  if (auto trouble = trouble_of_pods(kc, lookup); !trouble.empty()) {
    return not_yet("PodsFailing", std::move(trouble));
  }
  return not_yet("PodsNotReady", "waiting for pods to be ready");
}

}  // namespace trustee::operators

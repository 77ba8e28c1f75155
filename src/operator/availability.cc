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

/// How a container ended last, the same whether it waits, runs again or has just ended: who
/// crashes again and again is told of once.
std::string ending_of(const json::Object& status) {
  const auto* ended = object_at(status, {"state", "terminated"});
  if (ended == nullptr) {
    ended = object_at(status, {"lastState", "terminated"});
  }
  if (ended == nullptr) {
    return {};
  }
  auto text = "exited with code " + std::to_string(integer_at(*ended, {"exitCode"}).value_or(0));
  const auto reason = text_at(*ended, {"reason"});
  if (!reason.empty() && reason != "Error" && reason != "Completed") {
    text += " (" + reason + ")";  // OOMKilled, StartError
  }
  auto message = text_at(*ended, {"message"});
  message.erase(message.find_last_not_of(" \t\r\n") + 1);  // the end of a log
  return message.empty() ? text : text + ": " + cut_message(std::move(message));
}

/// Why a container has not begun.
std::string waiting_of(const json::Object& status) {
  const auto reason = text_at(status, {"state", "waiting", "reason"});
  if (reason.empty() || reason == "ContainerCreating" || reason == "PodInitializing") {
    return {};
  }
  auto message = text_at(status, {"state", "waiting", "message"});
  const bool changes = reason == "CrashLoopBackOff";  // it counts the seconds of the pause
  return changes || message.empty() ? reason : reason + ": " + cut_message(std::move(message));
}

/// What one container says of why it is not ready.
std::string trouble_of(const json::Object& status) {
  if (bool_at(status, {"ready"}).value_or(false)) {
    return {};
  }
  auto why = ending_of(status);
  if (why.empty()) {
    why = waiting_of(status);
  }
  return why.empty() ? why : "container " + text_at(status, {"name"}) + ": " + why;
}

/// The message of the condition `type` of `object` where it has this status; empty: it has not.
std::string condition_message(const json::Object& object, std::string_view type,
                              std::string_view status) {
  const auto* reported = object_at(object, {"status"});
  const auto* found = reported == nullptr ? nullptr : find_condition(*reported, type);
  const bool holds = found != nullptr && text_at(*found, {"status"}) == status;
  return holds ? text_at(*found, {"message"}) : std::string();
}

/// Why no node runs the pod, or why its containers do not run.
std::string trouble_of_pod(const json::Object& pod) {
  if (auto nowhere = condition_message(pod, "PodScheduled", "False"); !nowhere.empty()) {
    return "no node takes the pod: " + nowhere;
  }
  const auto* statuses = array_at(pod, {"status", "containerStatuses"});
  for (const auto& value : statuses == nullptr ? json::Array() : *statuses) {
    const auto* status = value.as_object();
    if (auto trouble = status == nullptr ? "" : trouble_of(*status); !trouble.empty()) {
      return trouble;
    }
  }
  return {};
}

/// Whether the pod has ended for good, evicted for example, or ends: another one takes its place.
bool is_over(const json::Object& pod) {
  const auto phase = text_at(pod, {"status", "phase"});
  return phase == "Failed" || phase == "Succeeded" || is_deleting(pod);
}

/// Other pods of the namespace may be called `app: kbs`, too.
std::string trouble_of_pods(const json::Object& kc, Lookup& lookup) {
  const auto labels = pod_labels(kc);
  for (const auto* pod : lookup.list("Pod", namespace_of(kc))) {
    if (!has_labels(*pod, labels) || is_over(*pod)) {
      continue;
    }
    if (auto trouble = trouble_of_pod(*pod); !trouble.empty()) {
      return trouble;
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
  if (auto why = condition_message(*deployment, "ReplicaFailure", "True"); !why.empty()) {
    return not_yet("PodsFailing", "pods cannot be made: " + why);
  }
  if (!lacks_ready_pods(deployment)) {
    return not_yet(std::string(kRollingOut), "new pods are on their way; those of before serve");
  }
  return not_yet("PodsNotReady", "waiting for pods to be ready");
}

bool lacks_ready_pods(const json::Object* deployment) {
  return deployment == nullptr || integer_at(*deployment, {"status", "readyReplicas"}).value_or(0) <
                                      integer_at(*deployment, {"spec", "replicas"}).value_or(1);
}

}  // namespace trustee::operators

#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "control/cache.h"
#include "k8s/client.h"
#include "k8s/queue.h"
#include "operator/decide.h"

namespace trustee::control {

/// The annotation by which pods are touched, so that the kubelet looks at their volumes at once
/// instead of within its sync period.
inline constexpr std::string_view kNudgeAnnotation =
    "kbs.confidentialcontainers.org/volumes-changed";

/// Whether a ReplicaSet of the operator's Deployment controls the pod: by the name that the
/// Deployment gives it, since the role does not let ReplicaSets be read. A label alone is
/// anybody's.
bool is_deployed_pod(const json::Object& pod);

/// Touches the pods of a KbsConfig after an object that they mount has changed. One thread.
/// Source  kubernetes-testbed, nudge; operator.md section 10.1 (C2: without the right it does
///         nothing).
class Nudge {
 public:
  /// Lifetime  references outlive it.
  Nudge(k8s::Client& client, Cache& cache) : client_(client), cache_(cache) {}

  struct Outcome {
    std::size_t touched = 0;  ///< pods
    bool done = true;         ///< nothing is left that another call should try again
  };

  /// Compares the ConfigMaps and Secrets that `owner` looks at with those of the last call that was
  /// done, and touches the Deployment's pods in its namespace when they differ; the first call only
  /// remembers.
  Outcome after(const k8s::WorkKey& owner, const std::vector<operators::ObjectRef>& wants);

  /// The owner is gone.
  void forget(const k8s::WorkKey& owner) { seen_.erase(owner); }
  std::size_t remembered() const { return seen_.size(); }

 private:
  std::optional<std::string> versions_of(const std::vector<operators::ObjectRef>& wants) const;
  Outcome touch_pods(const std::string& ns, const std::string& versions);

  k8s::Client& client_;
  Cache& cache_;
  std::map<k8s::WorkKey, std::string> seen_;  ///< owner -> digest of versions
};

}  // namespace trustee::control

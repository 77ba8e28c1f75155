#pragma once

#include <string>
#include <string_view>

#include "codec/json.h"
#include "operator/decide.h"
#include "operator/pod_volumes.h"

// The Deployment, its Service and its disruption budget: bodies, not stamped.

namespace trustee::operators {

/// What the Deployment depends on besides the KbsConfig.
struct WorkloadFacts {
  bool microservices = false;
  bool https = false;          ///< the listener speaks TLS
  std::string config_version;  ///< changes when pods must start anew
};

/// Source  operator specification, sections 4.4 to 4.6, S5 to S7, O2, O5; OP-54 to OP-67.
json::Object deployment_body(const json::Object& kc, const json::Object* stored,
                             const WorkloadFacts& facts, PodVolumes volumes,
                             const Surroundings& surroundings);

/// Source  operator specification, section 4.7; OP-68, OP-69.
json::Object service_body(const json::Object& kc, const json::Object* stored);

/// The labels of the pods of `kc`; users and the selector know `app: kbs`.
/// Source  operator specification, section 2, S10.
json::Object pod_labels(const json::Object& kc);

/// Whether the KbsConfig has a disruption budget: as it says, else with two replicas and more.
bool wants_budget(const json::Object& kc);
json::Object budget_body(const json::Object& kc, const json::Object* stored);

/// `KbsDeploymentSpec.replicas`, 1 when not given.
std::int64_t replicas_of(const json::Object& kc);

}  // namespace trustee::operators

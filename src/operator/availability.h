#pragma once

#include <string_view>

#include "codec/json.h"
#include "operator/conditions.h"
#include "operator/lookup.h"

namespace trustee::operators {

/// The reason of `DeploymentAvailable` while what served before a change still does.
inline constexpr std::string_view kRollingOut = "RollingOut";

/// The condition `DeploymentAvailable`: all replicas that are asked for run the present template
/// and are ready, and no pod of an older one is left; otherwise why not, as far as the pods of `kc`
/// and the Deployment say: containers that do not run, pods that no node takes, pods that cannot be
/// made; kRollingOut when only the new ones are not there yet. `deployment` may be null.
/// Source  operator specification, section 4.8, B17, O7; OP-83.
Condition availability(const json::Object* deployment, const json::Object& kc, Lookup& lookup);

/// Whether fewer pods are ready than are asked for, those of the present template and older ones
/// together. `deployment` may be null: there are none.
bool lacks_ready_pods(const json::Object* deployment);

}  // namespace trustee::operators

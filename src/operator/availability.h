#pragma once

#include "codec/json.h"
#include "operator/conditions.h"
#include "operator/lookup.h"

namespace trustee::operators {

/// The condition `DeploymentAvailable`: all replicas that are asked for run the present template
/// and are ready, and no pod of an older one is left; otherwise why not, as far as the pods of `kc`
/// say. `deployment` may be null.
/// Source  operator specification, section 4.8, B17, O7; OP-83.
Condition availability(const json::Object* deployment, const json::Object& kc, Lookup& lookup);

}  // namespace trustee::operators

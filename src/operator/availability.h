#pragma once

#include <string>

#include "codec/json.h"
#include "operator/conditions.h"
#include "operator/lookup.h"

namespace trustee::operators {

/// The condition `DeploymentAvailable`: all replicas that are asked for run the present template
/// and are ready; otherwise why not, as far as the pods say. `deployment` may be null.
/// Source  operator specification, section 4.8, B17, O7; OP-83.
Condition availability(const json::Object* deployment, std::string_view ns, Lookup& lookup);

}  // namespace trustee::operators

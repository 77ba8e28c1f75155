#pragma once

#include <string>

#include "codec/json.h"
#include "operator/conditions.h"
#include "operator/lookup.h"

namespace trustee::operators {

/// The ConfigMap whose CPU attestation policy is in force: the one that `kc` names, or, for the
/// KbsConfig of a TrusteeConfig, its twin under the name of older releases when only that one was
/// edited. When both were, or the twin is of a release whose policies cannot be evaluated any more,
/// the named one wins, which is told. Empty: none is named.
/// Source  operator specification, C5.
std::string choose_cpu_policy(const json::Object& kc, Lookup& lookup, Findings& findings);

}  // namespace trustee::operators

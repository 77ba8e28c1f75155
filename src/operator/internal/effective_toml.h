#pragma once

#include <string>

#include "base/result.h"
#include "codec/json.h"
#include "operator/conditions.h"
#include "operator/lookup.h"

namespace trustee::operators::internal {

/// The configuration that the KBS will be given: the ConfigMap's, in today's form, with the session
/// key and a collateral service that the TDX ConfigMap names; loaded once to see that the KBS will.
/// Errors  config_map_key_missing, toml_malformed, toml_not_editable, configuration_invalid.
/// Source  operator specification, C6, C14; OP-80.
Result<std::string> effective_toml(const json::Object& config_map, const json::Object& kc,
                                   Lookup& lookup, Findings& findings);

}  // namespace trustee::operators::internal

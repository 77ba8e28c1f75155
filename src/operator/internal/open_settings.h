#pragma once

#include <optional>

#include "codec/json.h"
#include "operator/conditions.h"

// What a Restricted profile does not hide: texts that are the user's and may open what it closes.

namespace trustee::operators::internal {

/// What is open in the text of `kbs-config.toml` that a user edited, or that it could not be
/// checked. `config_map` as stored.
/// Source  operator specification, S2.
std::optional<Problem> open_configuration(const json::Object& config_map);

/// The resource policy in force, when this operator cannot vouch for it: it is neither a shipped
/// policy that wants an appraisal (that of IBM Secure Execution with any values filled in) nor an
/// unedited text, which is generated again. `config_map` as stored.
/// Source  operator specification, S2, C7; OP-48.
std::optional<Problem> open_resource_policy(const json::Object& config_map);

}  // namespace trustee::operators::internal

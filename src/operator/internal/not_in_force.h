#pragma once

#include <vector>

#include "codec/json.h"
#include "operator/conditions.h"
#include "operator/kbs_toml.h"

namespace trustee::operators::internal {

/// What a TrusteeConfig asks for and the text of `kbs-config.toml` that a user edited, or an older
/// operator wrote, does not do: each with the lines to write. `config_map` as stored; `facts` are
/// what the text would be generated from.
/// Source  operator specification, section 3.3, B10; OP-38.
std::vector<Problem> not_in_force(const json::Object& config_map, const KbsTomlFacts& facts);

}  // namespace trustee::operators::internal

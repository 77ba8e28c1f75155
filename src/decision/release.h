#pragma once

#include <string>

#include "authz/resource_policy.h"
#include "decision/record.h"

namespace trustee::decision {

/// Writes down what the resource policy decided: the verdict, why, and what it takes to decide
/// again. `decided`: what the policy said to `token_claims` (JSON text) and `request`.
/// The resource is written down as UTF-8, whatever bytes the guest asked for; the policy's data are
/// as the policy saw them.
void add_release(Record& record, const authz::ResourceRequest& request, std::string token_claims,
                 const authz::ResourcePolicy& policy, const Result<void>& decided);

/// Writes down that nothing was released although the policy allowed it: `why` came after. The
/// record has a release.
void withhold(Record& record, Error why);

}  // namespace trustee::decision

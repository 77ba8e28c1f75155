#pragma once

#include <string>

#include "authz/resource_policy.h"
#include "decision/record.h"

namespace trustee::decision {

/// Writes down what the resource policy decided: the verdict, why, and what it takes to decide
/// again. `decided`: what the policy said to `token_claims` (JSON text) and `request`.
void add_release(Record& record, const authz::ResourceRequest& request, std::string token_claims,
                 const authz::ResourcePolicy& policy, const Result<void>& decided);

}  // namespace trustee::decision

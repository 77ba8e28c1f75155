#pragma once

#include "k8s/transport.h"

namespace trustee::k8s::internal {

/// Whether the answer refuses a server-side apply for what it says, although its status is 500:
/// "failed to create typed patch object", seen with fields that the schema does not declare.
bool is_schema_refusal(const HttpAnswer& answer);

}  // namespace trustee::k8s::internal

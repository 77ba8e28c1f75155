#pragma once

#include "k8s/transport.h"

namespace trustee::k8s::internal {

/// Whether the answer refuses a server-side apply for what it says, although its status is 500:
/// "failed to create typed patch object", seen with fields that the schema does not declare.
bool is_schema_refusal(const HttpAnswer& answer);

/// Whether the answer to a JSON patch says that the object is not as the patch expects: 422 as for
/// what validation refuses, but no field is named. Seen with kube-apiserver: a failed `test` or a
/// missing path has `the server rejected our request due to an error in our request`.
bool is_patch_mismatch(const HttpAnswer& answer);

}  // namespace trustee::k8s::internal

#pragma once

#include <string_view>

#include "codec/json.h"

namespace trustee::operators {

/// Annotation with the hash of the body that was applied last.
inline constexpr std::string_view kIntentAnnotation =
    "kbs.confidentialcontainers.org/applied-intent";

/// Adds kIntentAnnotation to a body for server-side apply. The decisions have done so.
void stamp_intent(json::Object& body);

/// Whether applying `body` to `stored` would change nothing: the stored object carries the hash of
/// this body, so no field was dropped since, and holds everything the body says. Lists of objects
/// are compared element by element under the merge key of the API (`name`, `mountPath`, `uid`, …);
/// what the server defaulted or others added does not count.
bool already_applied(const json::Object& body, const json::Object& stored);

}  // namespace trustee::operators

#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "codec/json.h"

namespace trustee::k8s {

/// The JSON patch that gives the fields which `former` managers own by update, and an earlier
/// program of the same purpose wrote, to the applying manager `own`, so that what is no longer
/// applied goes. Entries of subresources stay. Nothing when there is no such entry.
/// Shape   `test` of resourceVersion, `replace` of managedFields.
/// Source  operator.md section 11.5 (migration).
std::optional<json::Array> adoption_patch(const json::Object& object,
                                          std::span<const std::string_view> former,
                                          std::string_view own);

}  // namespace trustee::k8s

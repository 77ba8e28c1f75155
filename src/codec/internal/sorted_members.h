#pragma once

#include <vector>

#include "codec/json.h"

namespace trustee::json::internal {

/// The members by the bytes of their names, equal names in their order. Lifetime: that of `object`.
std::vector<const Member*> sorted_members(const Object& object);

}  // namespace trustee::json::internal

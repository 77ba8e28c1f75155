#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "codec/json.h"

namespace trustee::control {

/// The fields that an API server's refusal of a server-side apply names as not declared in the
/// schema it serves: an older CustomResourceDefinition (C3). Shape: member names from the top.
std::vector<std::vector<std::string>> undeclared_fields(std::string_view message);

/// Takes a field out of a body. Shape: whether it was there.
bool drop_field(json::Object& body, const std::vector<std::string>& path);

}  // namespace trustee::control

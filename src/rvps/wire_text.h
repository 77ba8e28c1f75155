#pragma once

#include <string>

#include "base/error.h"

namespace trustee::rvps {

/// What the client of a stand-alone RVPS reads when registering failed, e.g. `Register reference
/// value: parse message`: the outermost text only, without detail.
/// Source  rvps specification, sections 2 and 13.
std::string register_failure(const Error& error);

/// The same for a query: `Query reference value: …`.
std::string query_failure(const Error& error);

}  // namespace trustee::rvps

#pragma once

#include <string>

#include "base/result.h"

namespace trustee::k8s::internal {

/// The whole of a regular file of at most 1 MiB. Errors: credentials_unreadable.
Result<std::string> file_text(const std::string& path);

}  // namespace trustee::k8s::internal

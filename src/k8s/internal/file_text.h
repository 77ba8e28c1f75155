#pragma once

#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace trustee::k8s::internal {

/// The whole of a regular file of at most 1 MiB. Errors: credentials_unreadable.
Result<std::string> file_text(const std::string& path);
/// The same of what is secret, without the newlines at its end: nothing is left behind in memory.
/// Errors  credentials_unreadable, also when it is empty.
Result<SecretText> secret_file_line(const std::string& path);

}  // namespace trustee::k8s::internal

#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

namespace trustee::reload {

inline constexpr std::size_t kMaxFile = 16U << 20U;

/// The whole file. Errors: file_unreadable (the detail names path and cause), file_too_large.
Result<std::string> read_file(const std::string& path);
/// The same for a file that holds a key.
Result<SecretText> read_secret_file(const std::string& path);

}  // namespace trustee::reload

#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

namespace trustee::reload {

inline constexpr std::size_t kMaxFile = 16U << 20U;

/// The whole file. Errors: file_unreadable (the detail names path and cause), file_too_large.
Result<std::string> read_file(const std::string& path);
/// The same for a file that holds a key.
Result<SecretText> read_secret_file(const std::string& path);

/// The files of a directory in the order of their names, as paths; those whose names begin with a
/// dot and directories are passed over. Errors: file_unreadable.
Result<std::vector<std::string>> files_of(const std::string& directory);

/// What tells that a file or directory was replaced or written: device, inode, size and change
/// times, symbolic links followed; `missing` when there is none. Cost: one stat.
std::string fingerprint(const std::string& path);

}  // namespace trustee::reload

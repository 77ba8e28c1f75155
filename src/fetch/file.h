#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace trustee::fetch {

/// A regular file as it was when it was opened.
struct FileContent {
  ByteVec bytes;
  std::string version;  ///< changes with the file: device, inode, size, time of the last change
};

/// The content, or nothing when there is no such file. Errors: store_unreadable (also when it is no
/// regular file or larger than `max`).
Result<std::optional<FileContent>> read_file_if_there(const std::string& path, std::size_t max);
/// The version alone, or nothing when there is no such file.
Result<std::optional<std::string>> file_version(const std::string& path);

}  // namespace trustee::fetch

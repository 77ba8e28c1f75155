#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "store/internal/file.h"

namespace trustee::store {

// Entries that others laid out as directories: key `default/secret/key` is the file of that path
// below the namespace's directory, as a mounted Kubernetes Secret gives it and as releases before
// the unified storage kept their resources. Links are followed; names that begin with `..` are
// kubelet's versions and no entries. Source: operator.md 8 and 10.6.

/// Levels of directories that are looked into, and directories in all.
inline constexpr std::size_t kMaxNesting = 8;
inline constexpr std::size_t kMaxNestedDirectories = 4096;

/// Where the nested file of `key` lies below `dir`; nothing for a key that none can have.
std::optional<std::string> nested_path(const std::string& dir, std::string_view key);

/// What lies nested below a directory.
struct Nested {
  struct Directory {
    std::string name;  ///< the path relative to the one looked into
    Stamp stamp;       ///< before it was read: what comes later shows in the next one
  };
  std::vector<std::string> keys;  ///< of the files, each with a `/` in it
  std::vector<Directory> directories;
  std::vector<std::string> unreadable;  ///< names, each with why; their files are not among `keys`
};
/// Errors: io where `dir` itself cannot be read; too_large beyond kMaxNestedDirectories. Cost:
/// reads every directory.
Result<Nested> find_nested(const std::string& dir);

}  // namespace trustee::store

#pragma once

#include <memory>
#include <string>

#include "kv/store.h"
#include "store/atomic_file.h"

namespace trustee::store {

/// Where upstream keeps its files unless told otherwise.
inline constexpr std::string_view kDefaultLocalJsonDir =
    "/opt/confidential-containers/storage/local_json";

struct LocalJsonOptions {
  std::string file_dir_path{kDefaultLocalJsonDir};
  StepHook before_step;  ///< for tests
};

/// One JSON file per namespace in upstream's layout: `<file_dir_path>/<namespace>`, without suffix;
/// an object of key -> base64url with padding; a new one is `{}`.
///
/// The parsed file is kept in memory and read again when its stamp has changed, whoever changed it.
/// Each change writes a new file of the whole namespace and renames it into place. Processes
/// exclude each other by flock(2) on the directory, so writes to namespaces of one directory take
/// turns, waiting for ten seconds at most (busy); readers do not wait.
/// Where nothing can be written, no file is an empty one.
/// Permissions: files 0600, new directories 0700; others lose access to a file found open.
/// Keys: any UTF-8 text.  Limits: kMaxJsonFileBytes and kMaxJsonEntries per file.
/// Source: kbs.md 11.2, rvps.md 8.  Errors: configuration, busy, io, malformed.
Result<std::shared_ptr<kv::Store>> create_local_json(LocalJsonOptions options);

}  // namespace trustee::store

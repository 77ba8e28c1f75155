#pragma once

#include <memory>
#include <string>

#include "kv/store.h"

namespace trustee::store {

struct SqliteOptions {
  std::string path;  ///< the database file; created when there is none
  std::string vfs;   ///< for tests: a registered VFS, empty for the system's
};

/// All namespaces in one SQLite file, the store for one machine.
///
/// Write-ahead log with `synchronous=FULL`: a write is on the disk when it returns, a reader never
/// waits for a writer, a crash leaves the last committed state. Several processes may share the
/// file; they wait for each other up to ten seconds (busy). The file and its log are 0600;
/// found open to others, they are closed to them.
/// Deleted values are overwritten in the file when the log is checkpointed, at the latest when the
/// last connection closes and the log goes.
/// Keys: check_key.  Schema: internal/schema.h; older ones are migrated when opened.
/// Errors: configuration, io, busy, malformed (another program's file), schema_too_new.
Result<std::shared_ptr<kv::Store>> create_sqlite(SqliteOptions options);

}  // namespace trustee::store

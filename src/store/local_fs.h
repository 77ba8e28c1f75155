#pragma once

#include <memory>
#include <string>

#include "kv/store.h"
#include "store/atomic_file.h"

namespace trustee::store {

/// Where upstream keeps its files unless told otherwise.
inline constexpr std::string_view kDefaultLocalFsDir =
    "/opt/confidential-containers/storage/local_fs";

struct LocalFsOptions {
  std::string dir_path{kDefaultLocalFsDir};
  StepHook before_step;  ///< for tests
  Notice notice{};       ///< without one a directory or link in it that cannot be read is an error
};

/// One file per key in upstream's layout: `<dir_path>/<namespace>/<key>` with every `/` of the key
/// replaced by the four characters `\x2F`; the content is the raw value. Files another program puts
/// there are entries when their names are keys. So are files in directories: `default/secret/key`
/// is read from the path of that name where no file of ours has the key, live, as mounted Secrets
/// and older releases lay them out. Nothing is written there; removing a key removes both. A
/// directory that cannot be written is served as it is; one below it, or a link, that cannot be
/// read is told to `notice`, the rest is served, and asking for what may lie there is an error.
///
/// Crash safety: temporary file, fsync, rename, fsync of the directory; batches by a journal.
/// Several processes exclude each other by flock(2) on the namespace's directory; readers do not
/// wait, writers for ten seconds at most (busy). The file system must have flock, atomic rename and
/// nanosecond times (ext4, xfs, btrfs, tmpfs, overlayfs have).
/// Permissions: files 0600, new directories 0700; others lose access to a namespace found open.
/// Keys: check_key, not `.`, `..` or empty, at most 255 bytes as a file name.
/// Source: kbs.md 11.2, operator.md 8.  Errors: configuration, busy, io.
Result<std::shared_ptr<kv::Store>> create_local_fs(LocalFsOptions options);

/// One namespace of such a store, which is the directory `path` itself. For directories that older
/// configurations name: they keep their permissions. Errors: configuration, io.
Result<std::shared_ptr<kv::Namespace>> open_local_fs_directory(std::string path,
                                                               Notice notice = {});

}  // namespace trustee::store

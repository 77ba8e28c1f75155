#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/internal/file.h"

namespace trustee::store {

/// Called before each step that changes the file system, with its name (`create`, `write`, `sync`,
/// `rename`, `unlink`, `touch`). Empty in programs; tests end the process there.
using StepHook = std::function<void(std::string_view step)>;

/// Takes what the operator's log is to say; any thread.
using Notice = std::function<void(const std::string&)>;

/// Files in our directories whose names start so are our own working files, never entries: `~`
/// occurs in no key.
inline constexpr std::string_view kOwnPrefix = ".trustee~";
inline bool is_own_name(std::string_view name) { return name.starts_with(kOwnPrefix); }

/// One value, on every kind of store.
inline constexpr std::size_t kMaxValueBytes = 64U << 20U;
/// Errors: too_large.
Result<void> check_size(Bytes value);

/// How long a directory that somebody else holds is waited for.
inline constexpr std::chrono::milliseconds kLockPatience{10'000};

enum class Lock : std::uint8_t { shared, exclusive };
/// Whether a new file is on the disk when the call returns, or only after `sync_all`.
enum class Sync : std::uint8_t { now, later };

/// A directory held under its flock(2), with the operations from which crash-safe changes are
/// built. The lock excludes other threads, other instances and other processes alike, and goes with
/// the object or its process. Names are file names, not paths. Errors: io; not_writable where
/// permissions or a read-only volume forbid a change.
class LockedDirectory {
 public:
  /// Waits until no one holds the directory against us. Lifetime: `hook` must outlive the result.
  /// Errors: io; busy when it is held for longer than `patience`.
  static Result<LockedDirectory> lock(const std::string& path, Lock mode, const StepHook& hook,
                                      std::chrono::milliseconds patience = kLockPatience);

  Result<bool> contains(const std::string& name) const;
  /// Errors: too_large, io.
  Result<std::optional<ByteVec>> read(const std::string& name, std::size_t limit) const;
  Result<std::optional<Stamp>> stamp(const std::string& name) const;
  /// All regular files (links followed) but our own working files.
  Result<RegularFiles> files() const;

  /// Makes `name` hold `content`: afterwards and after any crash it has its old content or the
  /// new one, mode 0600. `mtime_ns`: the modification time to set, or nothing for "now". What was
  /// written of a change that failed is taken away again.
  Result<void> replace(const std::string& name, Bytes content,
                       std::optional<std::int64_t> mtime_ns = std::nullopt);
  /// Removes a file and syncs; fine when there is none.
  Result<void> remove(const std::string& name);

  // Parts for changes of several files.
  /// Writes a new file of mode 0600 in place of a left-over of this name.
  Result<void> write_new(const std::string& name, Bytes content, Sync sync);
  /// Syncs everything written so far to this file system.
  Result<void> sync_all();
  /// Renames, not synced.
  Result<void> rename(const std::string& from, const std::string& to);
  /// Removes, not synced; fine when there is none.
  Result<void> unlink(const std::string& name);
  /// Syncs the directory itself.
  Result<void> sync();

  /// Moves the directory's modification time past what it was when it was locked, so that two
  /// changes within one tick of the file system's clock differ.
  Result<void> advance_mtime();
  /// Removes our working files that a dead process left; where nothing may be written they stay.
  Result<void> remove_leftovers();

 private:
  LockedDirectory(Fd fd, std::string path, std::int64_t mtime_ns, const StepHook& hook)
      : fd_(std::move(fd)), path_(std::move(path)), mtime_ns_(mtime_ns), hook_(&hook) {}

  void step(std::string_view name) const;
  Result<Fd> create(const std::string& name);
  Result<void> write(const Fd& fd, const std::string& name, Bytes content);
  Result<void> sync_file(const Fd& fd, const std::string& name);
  Result<void> write_temporary(Bytes content, std::optional<std::int64_t> mtime_ns);
  Result<void> wait_for_clock(std::int64_t before);
  std::string full(const std::string& name) const { return path_ + "/" + name; }

  Fd fd_;
  std::string path_;
  std::int64_t mtime_ns_;
  const StepHook* hook_;
};

/// Whether anything lies at a path, links followed. Errors: io where that cannot be told.
Result<bool> is_there(const std::string& path);

/// Splits a path into the directory and the name of the file in it.
std::pair<std::string, std::string> split_path(const std::string& path);

}  // namespace trustee::store

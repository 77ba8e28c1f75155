#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/mutex.h"
#include "store/internal/file.h"
#include "store/internal/json_file.h"

namespace trustee::store {

/// The content of one LocalJson file in memory, with the stamp it was read under.
/// Safe from many threads. Cost: one stat while the file does not change.
class JsonIndex {
 public:
  struct State {
    std::shared_ptr<const JsonEntries> entries;
    std::uint64_t version = 0;
    Stamp stamp;
  };

  explicit JsonIndex(std::string path) : path_(std::move(path)) {}

  /// The file as it is now. Errors: io, also when there is no file, unless it may be absent;
  /// malformed, too_large.
  Result<State> load();
  /// From now on no file is an empty one.
  void may_be_absent();
  /// Takes over what was just written under the directory's lock, so that it need not be read.
  void replace(JsonEntries entries, const Stamp& stamp);

 private:
  Result<Stamp> stamp() TRUSTEE_REQUIRES(mutex_);
  Result<void> read_again() TRUSTEE_REQUIRES(mutex_);

  std::string path_;
  Mutex mutex_;
  bool may_be_absent_ TRUSTEE_GUARDED_BY(mutex_) = false;
  State state_ TRUSTEE_GUARDED_BY(mutex_);
  /// Why the file is of no use under `state_.stamp`: it is not read again for that.
  std::optional<Error> malformed_ TRUSTEE_GUARDED_BY(mutex_);
};

}  // namespace trustee::store

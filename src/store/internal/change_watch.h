#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "store/internal/file.h"

namespace trustee::store {

/// Tells whether a directory of files has changed since it was last asked, by stamps alone.
///
/// Our own writers always move the directory's stamp. Other programs may write a file in place,
/// which does not; so in a directory of at most kWatchedFiles files (policies) every file is
/// looked at as well. In larger ones an in-place change by another program is not counted.
/// Directories in it count like the directory itself (nested.h).
/// Safe from many threads. Cost: one stat, plus one per watched file.
class ChangeWatch {
 public:
  static constexpr std::size_t kWatchedFiles = 16;

  /// `listed`: for tests, called between listing the files and looking at each.
  explicit ChangeWatch(std::string path, std::function<void()> listed = {})
      : path_(std::move(path)), listed_(std::move(listed)) {}

  /// A number that is greater than last time exactly when something was seen to differ. Errors: io.
  Result<std::uint64_t> count();

 private:
  Result<void> look_again(const Stamp& dir) TRUSTEE_REQUIRES(mutex_);

  const std::string path_;
  const std::function<void()> listed_;
  Mutex mutex_;
  Stamp dir_ TRUSTEE_GUARDED_BY(mutex_);
  std::vector<std::string> names_ TRUSTEE_GUARDED_BY(mutex_);
  std::vector<std::optional<Stamp>> stamps_ TRUSTEE_GUARDED_BY(mutex_);
  std::uint64_t count_ TRUSTEE_GUARDED_BY(mutex_) = 0;
};

}  // namespace trustee::store

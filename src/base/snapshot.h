#pragma once

#include <memory>
#include <utility>

#include "base/check.h"
#include "base/mutex.h"

namespace trustee {

/// Holds one immutable T that is replaced whole. Readers keep what they loaded for as long as they
/// hold the pointer. A pointer under a mutex on purpose: std::atomic<std::shared_ptr> of libstdc++
/// 12 is not lock-free and makes TSan report a race.
template <class T>
class Snapshot {
 public:
  explicit Snapshot(std::shared_ptr<const T> initial) : current_(std::move(initial)) {
    TRUSTEE_CHECK(current_ != nullptr);
  }

  std::shared_ptr<const T> load() const {
    MutexLock lock(mutex_);
    return current_;
  }
  void store(std::shared_ptr<const T> next) {
    TRUSTEE_CHECK(next != nullptr);
    MutexLock lock(mutex_);
    current_.swap(next);
  }

 private:
  mutable Mutex mutex_;
  std::shared_ptr<const T> current_ TRUSTEE_GUARDED_BY(mutex_);
};

}  // namespace trustee

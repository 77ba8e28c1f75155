#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "decision/record.h"

namespace trustee::decision {

/// The latest decisions, bounded in number and in memory: what does not fit any more goes, oldest
/// first. Safe from many threads.
class Ring {
 public:
  struct Limits {
    std::size_t records = 1024;
    std::size_t bytes = 32U << 20U;
  };

  explicit Ring(Limits limits) : limits_(limits) {}

  /// A record larger than the whole ring is not kept.
  void add(std::shared_ptr<const Record> record);
  /// The latest record of this request, or null. Cost: one pass.
  std::shared_ptr<const Record> find(std::string_view request_id) const;
  /// The latest `count`, newest first.
  std::vector<std::shared_ptr<const Record>> latest(std::size_t count) const;

 private:
  struct Kept {
    std::shared_ptr<const Record> record;
    std::size_t bytes;
  };

  const Limits limits_;
  mutable Mutex mutex_;
  std::deque<Kept> kept_ TRUSTEE_GUARDED_BY(mutex_);  // newest at the back
  std::size_t bytes_ TRUSTEE_GUARDED_BY(mutex_) = 0;
};

}  // namespace trustee::decision

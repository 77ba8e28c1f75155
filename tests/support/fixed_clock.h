#pragma once

#include <atomic>

#include "base/clock.h"

namespace trustee {

/// A clock that stands still until told otherwise. Safe from many threads.
class FixedClock final : public Clock {
 public:
  explicit FixedClock(Time t) : now_(t.time_since_epoch().count()) {}
  Time now() const override { return Time(Time::duration(now_.load())); }
  void set(Time t) { now_.store(t.time_since_epoch().count()); }
  void advance(std::chrono::microseconds d) { now_.fetch_add(d.count()); }

 private:
  std::atomic<Time::rep> now_;
};

}  // namespace trustee

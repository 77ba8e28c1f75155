#pragma once

#include <chrono>
#include <mutex>
#include <thread>
#include <vector>

#include "k8s/pace.h"

namespace trustee {

/// Time that passes only by sleeping, which takes no time; chance is always 0.5, so that a spread
/// wait is the plain one.
class InstantPace final : public k8s::Pace {
 public:
  k8s::Instant now() const override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  bool sleep(std::chrono::milliseconds time, const std::stop_token& stop) override {
    const std::lock_guard lock(mutex_);
    if (stop.stop_requested()) return false;
    now_ += time;
    slept_.push_back(time);
    std::this_thread::yield();
    return true;
  }
  double chance() override { return 0.5; }

  void advance(std::chrono::milliseconds time) {
    const std::lock_guard lock(mutex_);
    now_ += time;
  }
  /// Every wait so far.
  std::vector<std::chrono::milliseconds> slept() const {
    const std::lock_guard lock(mutex_);
    return slept_;
  }

 private:
  mutable std::mutex mutex_;
  k8s::Instant now_{std::chrono::hours(1)};
  std::vector<std::chrono::milliseconds> slept_;
};

}  // namespace trustee

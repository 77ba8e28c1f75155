#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
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
    moved_.notify_all();
    std::this_thread::yield();
    return true;
  }
  bool wait_until(k8s::Instant moment, const std::stop_token& stop) override {
    std::unique_lock lock(mutex_);
    moved_.wait(lock, stop, [&] { return now_ >= moment; });
    return !stop.stop_requested();
  }
  double chance() override { return 0.5; }

  void advance(std::chrono::milliseconds time) {
    const std::lock_guard lock(mutex_);
    now_ += time;
    moved_.notify_all();
  }
  /// Every wait so far.
  std::vector<std::chrono::milliseconds> slept() const {
    const std::lock_guard lock(mutex_);
    return slept_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable_any moved_;
  k8s::Instant now_{std::chrono::hours(1)};
  std::vector<std::chrono::milliseconds> slept_;
};

}  // namespace trustee

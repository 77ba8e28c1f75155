#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace trustee::net {

/// Until when a connection waits for its peer. Bytes that move put it off: a slow peer is served,
/// one that barely moves any is not.
class TimeLimit {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::uint64_t kSlowest = 64u << 10;  ///< bytes per second that keep it off

  void set(Time at) { at_ = at; }
  void clear() { at_ = Time::max(); }
  bool is_set() const { return at_ != Time::max(); }
  bool passed(Time now) const { return now >= at_; }
  /// Puts it off by the time that so many bytes may take. Nothing while there is no limit.
  void extend(std::size_t bytes) {
    if (is_set()) at_ += std::chrono::microseconds(bytes * 1'000'000 / kSlowest);
  }
  /// Brings it forward.
  void at_latest(Time t) {
    if (t < at_) at_ = t;
  }

 private:
  Time at_ = Time::max();
};

}  // namespace trustee::net

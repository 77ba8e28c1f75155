#pragma once

#include <algorithm>
#include <cstdint>

#include "base/clock.h"
#include "collateral/freshness.h"

namespace trustee::collateral {

/// When a vendor's service may be asked again: requests stand apart by `interval`, counted from the
/// end of one to the start of the next, so that no delay on the way brings them together; and the
/// service may ask for rest. With an interval of zero only rest counts. A value; the caller locks.
class Pace {
 public:
  explicit Pace(Duration interval) : interval_(interval) {}

  bool spaced() const { return interval_ > Duration::zero(); }
  /// When one request more could start, behind those that wait already.
  Time expected_start(Time now) const { return earliest(now) + interval_ * queued_; }
  /// Takes a place; false when its turn would not come before `deadline`.
  bool enter(Time now, Time deadline) {
    if (expected_start(now) >= deadline) return false;
    ++queued_;
    return true;
  }
  /// When the one whose turn it is may start.
  Time earliest(Time now) const { return std::max(now, free_at_); }
  /// Gives the place back without having asked.
  void leave() { --queued_; }
  /// The same after having asked.
  void asked(Time end) {
    --queued_;
    free_at_ = std::max(free_at_, end + interval_);
  }
  /// The service wants no request before `t`.
  void rest_until(Time t) { free_at_ = std::max(free_at_, t); }

 private:
  Duration interval_;
  Time free_at_{};
  std::int64_t queued_ = 0;
};

}  // namespace trustee::collateral

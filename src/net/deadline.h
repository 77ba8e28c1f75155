#pragma once

#include <algorithm>
#include <chrono>

namespace trustee::net {

/// The point by which a piece of work must be over, or never. Measured on the steady clock, so a
/// change of the machine's date does not move it. Pass it on: an outbound call inherits what is
/// left.
class Deadline {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;

  static Deadline never() { return Deadline(SteadyTime::max()); }
  static Deadline at(SteadyTime t) { return Deadline(t); }
  /// From now. Shape: zero and less have passed already.
  static Deadline after(std::chrono::milliseconds d) {
    return Deadline(std::chrono::steady_clock::now() + d);
  }

  bool is_never() const { return at_ == SteadyTime::max(); }
  /// Reads the clock, as `left` does.
  bool passed() const { return !is_never() && std::chrono::steady_clock::now() >= at_; }
  SteadyTime time() const { return at_; }  ///< SteadyTime::max() for never
  /// What is left, never below zero; a day when there is no limit.
  std::chrono::milliseconds left() const {
    using std::chrono::milliseconds;
    if (is_never()) return std::chrono::hours(24);
    const auto left = std::chrono::ceil<milliseconds>(at_ - std::chrono::steady_clock::now());
    return std::max(left, milliseconds(0));
  }
  Deadline earlier_of(Deadline other) const { return Deadline(std::min(at_, other.at_)); }

 private:
  explicit Deadline(SteadyTime t) : at_(t) {}
  SteadyTime at_;
};

}  // namespace trustee::net

#pragma once

#include <chrono>

namespace trustee {

/// A point on the UTC time line, microseconds since 1970-01-01.
using Time = std::chrono::sys_time<std::chrono::microseconds>;

/// The only source of "now". Passed in; nothing in layers 0 to 6 reads the system clock itself.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;
};

/// The machine's clock.
class SystemClock final : public Clock {
 public:
  Time now() const override {
    return std::chrono::time_point_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now());
  }
};

/// Whole seconds since the epoch, rounded down.
inline std::int64_t unix_seconds(Time t) {
  return std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count();
}

/// The inverse of unix_seconds.
inline Time from_unix_seconds(std::int64_t s) { return Time(std::chrono::seconds(s)); }

}  // namespace trustee

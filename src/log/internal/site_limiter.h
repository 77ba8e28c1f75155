#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <source_location>
#include <tuple>

#include "base/clock.h"
#include "base/mutex.h"

namespace trustee::log {

/// Counts lines per call site. Safe from many threads.
class SiteLimiter {
 public:
  /// Nothing when the line must not be written, else how many of its site were suppressed before.
  std::optional<std::uint64_t> admit(const std::source_location& where, Time now);

 private:
  using Site = std::tuple<const char*, std::uint32_t, std::uint32_t>;
  struct Allowance {
    Time since{};
    std::uint32_t written = 0;
    std::uint64_t suppressed = 0;
  };

  Allowance& allowance(const std::source_location& where) TRUSTEE_REQUIRES(mutex_);

  Mutex mutex_;
  std::map<Site, Allowance> sites_ TRUSTEE_GUARDED_BY(mutex_);
};

}  // namespace trustee::log

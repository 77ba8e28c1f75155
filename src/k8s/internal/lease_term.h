#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <thread>

#include "base/mutex.h"
#include "base/result.h"
#include "k8s/pace.h"

namespace trustee::k8s {

/// A lease from its winning to its end, watched by a thread that no request holds up: when the
/// deadline after the last renewal passes, it is lost and says so at once. Any thread.
class LeaseTerm {
 public:
  using OnLost = std::function<void(const Error&)>;

  /// Lifetime  `pace` outlives it. `on_lost` may be empty.
  LeaseTerm(Pace& pace, std::chrono::milliseconds deadline, Instant renewed, OnLost on_lost);

  /// The attempt that was begun at `asked` renewed it. Errors: lease_lost, when that was too late.
  Result<void> renewed(Instant asked);
  /// Whether it is lost, or the deadline has passed.
  bool is_over();
  /// Ends it. Shape: lease_lost.
  Error lose(std::string why);

 private:
  void watch(const std::stop_token& stop);
  Instant due();

  Pace& pace_;
  const std::chrono::milliseconds deadline_;
  const OnLost on_lost_;
  Mutex mutex_;
  Instant renewed_ TRUSTEE_GUARDED_BY(mutex_);
  bool lost_ TRUSTEE_GUARDED_BY(mutex_) = false;
  std::jthread thread_;  ///< last: ends before what it uses
};

}  // namespace trustee::k8s

#pragma once

#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "collateral/pace.h"
#include "collateral/retry.h"
#include "fetch/ports.h"

namespace trustee::fetch {

/// How one vendor's service is asked.
struct VendorSettings {
  collateral::RetryRule retry;
  Duration attempt_timeout = std::chrono::seconds(10);
  /// Between the end of one request and the start of the next; zero: as many as one likes.
  Duration interval = Duration::zero();
};

/// One vendor's service, with everything that all who ask it have in common: requests stand apart
/// as its limits want, the rest it asks for (Retry-After, 429) holds for everybody, and each
/// question is asked again as collateral::next_step says. Blocking; safe from many threads.
class Vendor {
 public:
  /// Lifetime: the ports outlive this object.
  Vendor(VendorSettings settings, HttpGet& http, Waiting& waiting, const Clock& clock)
      : settings_(settings),
        http_(http),
        waiting_(waiting),
        clock_(clock),
        pace_(settings.interval) {}

  /// A 200 answer, unchecked. One whose turn would come too late is refused at once.
  /// Errors  not_found, overloaded, service_failed, unreachable, deadline_exceeded.
  Result<HttpAnswer> get(const std::string& url, Time deadline);

 private:
  struct Tried;

  Result<Tried> attempt(const std::string& url, Time deadline);
  Result<Tried> attempt_in_turn(const std::string& url, Time deadline);
  Tried ask(const std::string& url, Time deadline);
  Result<void> wait_for_rest(const std::string& url, Time deadline);
  void note_rest(const Tried& tried);

  VendorSettings settings_;
  HttpGet& http_;
  Waiting& waiting_;
  const Clock& clock_;
  Mutex mutex_;
  collateral::Pace pace_ TRUSTEE_GUARDED_BY(mutex_);
  /// Held by the one that asks, where requests are spaced.
  std::timed_mutex turn_;
};

}  // namespace trustee::fetch

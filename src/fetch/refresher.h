#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "fetch/engine.h"

namespace trustee::fetch {

/// Keeps an engine's documents fresh in the background, from its creation to its end, on two
/// threads of its own: one renews what is due and waits for vendors; the other follows the store
/// and the metrics, so that what another replica or an imported bundle brought is in force a second
/// later, whatever the vendors do. Lifetime: engine and clock outlive it.
class Refresher {
 public:
  /// For the log: once per outage of the store. Called by who creates it, then on the second
  /// thread.
  using Notice = std::function<void(const std::string&)>;
  /// How long the threads rest: documents come and go meanwhile, the clock may be set, metrics age.
  struct Pauses {
    Duration shortest = std::chrono::milliseconds(200);
    Duration longest = std::chrono::seconds(1);
  };
  /// Follows the store once before it returns: what lies there serves the first guest already.
  Refresher(Engine& engine, const Clock& clock, Notice notice)
      : Refresher(engine, clock, std::move(notice), Pauses{}) {}
  Refresher(Engine& engine, const Clock& clock, Notice notice, Pauses pauses);
  /// Ends after the renewal under way, if any (Engine::Settings::renewal_limit).
  ~Refresher();
  Refresher(const Refresher&) = delete;
  Refresher& operator=(const Refresher&) = delete;

 private:
  void renew();
  void follow();
  void look();
  /// False when it is time to end.
  bool pause(Duration d);

  Engine& engine_;
  const Clock& clock_;
  Notice notice_;
  const Pauses pauses_;
  bool cut_off_ = false;  ///< from the store, at the last look; of whoever looks
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<bool> stopping_ = false;  ///< written under mutex_
  std::thread renewing_;
  std::thread following_;
};

}  // namespace trustee::fetch

#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "fetch/engine.h"

namespace trustee::fetch {

/// Renews an engine's documents in the background, on a thread of its own, from its creation to its
/// end. Lifetime: engine and clock outlive it.
class Refresher {
 public:
  Refresher(Engine& engine, const Clock& clock);
  ~Refresher();
  Refresher(const Refresher&) = delete;
  Refresher& operator=(const Refresher&) = delete;

 private:
  void run();
  /// False when it is time to end.
  bool pause(Duration d);

  Engine& engine_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  ///< guarded by mutex_
  std::thread thread_;
};

}  // namespace trustee::fetch

#pragma once

#include <chrono>
#include <compare>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "k8s/pace.h"

namespace trustee::k8s {

/// What is to be looked at: an object of a kind.
struct WorkKey {
  std::string kind;
  std::string ns;
  std::string name;
  friend auto operator<=>(const WorkKey&, const WorkKey&) = default;
};

/// No key waits longer: further away, a moment may be beyond what the clock can count to.
inline constexpr std::chrono::hours kLongestDelay{24};

/// Which keys are due when. A key is at most once with a worker; what is added meanwhile makes it
/// due once more; failures delay it, from 5 ms doubling to 60 s. Not thread-safe; time is passed
/// in. Source  operator.md section 11.4.
class QueueState {
 public:
  /// Makes the key due at `due`, or earlier if it already is.
  void add(const WorkKey& key, Instant due);
  /// The same with `delay` from `now`, which is cut to kLongestDelay: whoever asks for more is
  /// asked again by then.
  void add(const WorkKey& key, Instant now, std::chrono::milliseconds delay);
  /// The key due longest, which is with a worker from now on.
  std::optional<WorkKey> take(Instant now);
  /// The worker is done. A failed key is due again after its wait, at once when it was added to
  /// meanwhile.
  void done(const WorkKey& key, bool failed, Instant now);
  /// When the next key that no worker has is due.
  std::optional<Instant> next_due() const;
  /// Keys due by `now` that no worker has.
  std::size_t depth(Instant now) const;

 private:
  struct Item {
    std::optional<Instant> due;
    bool taken = false;
    unsigned failures = 0;
  };
  std::map<WorkKey, Item> items_;
};

/// The same for threads.
class Queue {
 public:
  /// Makes the key due after `delay`, which is cut to kLongestDelay.
  void add(const WorkKey& key, std::chrono::milliseconds delay = {});
  /// Waits for a due key; nothing when stopped.
  std::optional<WorkKey> take(const std::stop_token& stop);
  void done(const WorkKey& key, bool failed);
  std::size_t depth() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  QueueState state_;  ///< guarded by mutex_
};

}  // namespace trustee::k8s

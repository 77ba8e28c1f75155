#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "k8s/client.h"
#include "k8s/watch_frames.h"

namespace trustee::k8s {

using ObjectPtr = std::shared_ptr<const json::Object>;

/// One object came, changed or went.
struct Change {
  Key key;
  ObjectPtr before;  ///< null when it came
  ObjectPtr after;   ///< null when it went
};

/// What an informer watches and keeps.
struct Interest {
  Resource resource;
  Selection selection{};
  Keep keep{};  ///< empty: everything
  /// Called on the informer's thread after the cache has changed, never for an object whose
  /// resourceVersion is the known one.
  std::function<void(const Change&)> on_change{};
  /// Called on that thread with each failure, before the wait.
  std::function<void(const Error&)> on_trouble{};
};

/// A cache of objects that follows the API server: list, then watch from there, with bookmarks;
/// after 410 list again and tell of what went meanwhile. Reads are safe from any thread.
/// Source  operator.md section 11.3.
class Informer {
 public:
  /// Lifetime  `client` outlives it.
  Informer(Client& client, Interest interest, Backoff backoff = {});

  /// Follows until stopped: one thread for each informer.
  void run(const std::stop_token& stop);

  /// Whether the first list is complete.
  bool synced() const;
  /// Whether the last attempt was refused (403) or the kind is not served (404): nothing to wait
  /// for. The first such answer after a watch that worked is asked about again before it is
  /// believed.
  bool refused() const;
  /// How many lists were begun, and how many of them had come to their end: what was written before
  /// a list began is in it, or is gone.
  struct Lists {
    unsigned begun = 0;
    unsigned ended = 0;
  };
  Lists lists() const;
  ObjectPtr find(const Key& key) const;
  std::vector<ObjectPtr> all() const;
  const Interest& interest() const { return interest_; }

 private:
  using Objects = std::map<Key, ObjectPtr>;
  class WatchSink;

  Result<void> list();
  Result<bool> watch(const std::stop_token& stop);
  Result<void> take(WatchEvent event);
  void replace_all(Listed listed);
  void put(json::Object object);
  void drop(const Key& key);
  void tell(Change change) const;
  bool pause(const Error& error, const std::stop_token& stop);

  Client& client_;
  const Interest interest_;
  const Backoff backoff_;
  unsigned failures_ = 0;                           ///< of run()'s thread, in a row
  std::optional<std::chrono::seconds> asked_wait_;  ///< of run()'s thread: by the last watch
  bool doubted_ = false;          ///< of run()'s thread: a refusal was, since a watch was of use
  std::string resource_version_;  ///< of run()'s thread; empty: list first
  mutable Mutex mutex_;
  Objects objects_ TRUSTEE_GUARDED_BY(mutex_);
  bool synced_ TRUSTEE_GUARDED_BY(mutex_) = false;
  bool refused_ TRUSTEE_GUARDED_BY(mutex_) = false;
  Lists lists_ TRUSTEE_GUARDED_BY(mutex_);
};

}  // namespace trustee::k8s

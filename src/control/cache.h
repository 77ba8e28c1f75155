#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/lru_map.h"
#include "base/mutex.h"
#include "control/kinds.h"
#include "k8s/informer.h"
#include "operator/snapshot.h"

namespace trustee::control {

/// So many deletions are remembered. After more of them during one write it is not known whether
/// its object went, and the watch tells.
inline constexpr std::size_t kMostDeleted = 256;

/// The objects of the cluster that decisions are made from: informers for what is watched, contents
/// of ConfigMaps and Secrets only while somebody wants them, and what we wrote ourselves until the
/// watch has told of it. Any thread.
class Cache {
 public:
  struct Settings {
    std::string ns;          ///< the operator's namespace
    bool everywhere = true;  ///< the two configuration kinds in all namespaces, or only in ns
    std::function<void(const operators::ObjectRef&)> on_change{};
    std::function<void(std::string_view kind, const Error&)> on_trouble{};
  };

  /// Lifetime  `client` outlives it.
  Cache(k8s::Client& client, Settings settings);
  ~Cache();
  Cache(const Cache&) = delete;
  Cache& operator=(const Cache&) = delete;

  /// Begins to follow, one thread for each kind.
  void start();
  void stop();

  /// Whether every kind is listed once, or refused by the role.
  bool settled() const;
  /// Kinds that may not be read or, lately, written.
  std::set<std::string, std::less<>> refused() const;
  /// A write to this kind was refused; forgotten after a minute, so that a role given back counts.
  void note_refusal(std::string_view kind);

  /// The object as known now; null: missing, or not in a namespace that is looked at.
  /// Errors  kind_unknown, cache_not_ready, read_refused; those of Client::get.
  Result<operators::SharedObject> find(const operators::ObjectRef& object);
  /// All of a cached kind; with an empty `ns` everywhere. Errors: as find.
  Result<std::vector<operators::SharedObject>> list(std::string_view kind, std::string_view ns);

  /// What the watch had told of an object before a write of ours.
  struct Seen {
    std::string version;         ///< empty for none
    std::uint64_t deletion = 0;  ///< number of the last one, of any object
  };
  /// Asked before a write, for wrote().
  Seen seen(const operators::ObjectRef& object) const;
  /// What a write of ours made of an object, before the watch tells. `base` is what was seen before
  /// the write: whatever else the watch has told of since goes before ours, also that the object
  /// went.
  void wrote(const operators::ObjectRef& object, json::Object made, Seen base);
  void removed(const operators::ObjectRef& object);
  /// Lets contents go that nobody wants.
  void prune(const std::function<bool(const operators::ObjectRef&)>& is_wanted);
  /// Contents held, for the metrics.
  std::size_t held() const;

 private:
  struct Held {
    operators::SharedObject object;
    /// Versions before it that the watch had not gone past when it was written, the oldest first;
    /// empty for none. Nothing when it was read.
    std::vector<std::string> before;
    unsigned lists = 0;  ///< begun when it was written
  };
  using Informers = std::map<std::string, std::unique_ptr<k8s::Informer>, std::less<>>;

  k8s::Interest interest_in(const Kind& kind);
  void note_change(const k8s::Resource& resource, const k8s::Change& change);
  Result<const k8s::Informer*> ready_informer(const Kind& kind) const;
  operators::SharedObject held_if_current(const operators::ObjectRef& object,
                                          const operators::SharedObject& seen,
                                          unsigned lists_ended) const;
  bool may_have_gone(const operators::ObjectRef& object, std::uint64_t since)
      TRUSTEE_REQUIRES(mutex_);
  std::vector<std::string> versions_before(const operators::ObjectRef& object, std::string base,
                                           std::string_view made) const TRUSTEE_REQUIRES(mutex_);
  Result<operators::SharedObject> read(const Kind& kind, const operators::ObjectRef& object);

  k8s::Client& client_;
  const Settings settings_;
  Informers informers_;
  std::vector<std::jthread> threads_;
  mutable Mutex mutex_;
  std::map<operators::ObjectRef, Held> held_ TRUSTEE_GUARDED_BY(mutex_);
  std::uint64_t deletions_ TRUSTEE_GUARDED_BY(mutex_) = 0;
  /// Numbers of the last ones, for writes that are under way.
  LruMap<operators::ObjectRef, std::uint64_t> deleted_ TRUSTEE_GUARDED_BY(mutex_){kMostDeleted};
  std::map<std::string, k8s::Instant, std::less<>> refusals_ TRUSTEE_GUARDED_BY(mutex_);
};

/// What of an object stays: without managedFields unless a former manager owns fields there.
json::Object without_noise(json::Object object);

}  // namespace trustee::control

#pragma once

#include <map>
#include <set>
#include <vector>

#include "base/mutex.h"
#include "k8s/queue.h"
#include "operator/snapshot.h"

namespace trustee::control {

/// Which owners looked at which objects when they were decided last: a change of one of these
/// wakes them. Any thread.
/// Cost  a look-up for each event, not a scan.
class Index {
 public:
  /// What `owner` looks at from now on; an empty name stands for all of a kind in a namespace.
  void set(const k8s::WorkKey& owner, const std::vector<operators::ObjectRef>& wants);
  /// `owner` looks at this, too. Called before the object is read, so that no change of it is
  /// missed.
  void add(const k8s::WorkKey& owner, const operators::ObjectRef& object);
  void forget(const k8s::WorkKey& owner) { set(owner, {}); }
  std::vector<k8s::WorkKey> owners_of(const operators::ObjectRef& object) const;
  bool is_wanted(const operators::ObjectRef& object) const { return !owners_of(object).empty(); }

 private:
  using Owners = std::set<k8s::WorkKey>;
  mutable Mutex mutex_;
  std::map<operators::ObjectRef, Owners> owners_ TRUSTEE_GUARDED_BY(mutex_);
  std::map<k8s::WorkKey, std::vector<operators::ObjectRef>> wants_ TRUSTEE_GUARDED_BY(mutex_);
};

}  // namespace trustee::control

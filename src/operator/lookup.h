#pragma once

#include <set>
#include <string_view>
#include <vector>

#include "operator/snapshot.h"

namespace trustee::operators {

/// A snapshot that remembers what was asked of it: Decision::wants.
/// Lifetime: borrows the snapshot.
class Lookup {
 public:
  explicit Lookup(const Snapshot& snapshot) : snapshot_(snapshot) {}

  const json::Object* find(std::string_view kind, std::string_view ns, std::string_view name) {
    wants_.insert({std::string(kind), std::string(ns), std::string(name)});
    return snapshot_.find(kind, ns, name);
  }
  /// Remembered with an empty name: every object of the kind in the namespace.
  std::vector<const json::Object*> list(std::string_view kind, std::string_view ns) {
    wants_.insert({std::string(kind), std::string(ns), {}});
    return snapshot_.list(kind, ns);
  }
  std::vector<ObjectRef> wants() const { return {wants_.begin(), wants_.end()}; }

 private:
  const Snapshot& snapshot_;
  std::set<ObjectRef> wants_;
};

}  // namespace trustee::operators

#include "control/index.h"

namespace trustee::control {

void Index::set(const k8s::WorkKey& owner, const std::vector<operators::ObjectRef>& wants) {
  const MutexLock lock(mutex_);
  for (const auto& object : wants_[owner]) {
    const auto found = owners_.find(object);
    if (found == owners_.end()) continue;
    found->second.erase(owner);
    if (found->second.empty()) owners_.erase(found);
  }
  if (wants.empty()) {
    wants_.erase(owner);
    return;
  }
  for (const auto& object : wants) {
    owners_[object].insert(owner);
  }
  wants_[owner] = wants;
}

void Index::add(const k8s::WorkKey& owner, const operators::ObjectRef& object) {
  const MutexLock lock(mutex_);
  if (owners_[object].insert(owner).second) wants_[owner].push_back(object);
}

std::vector<k8s::WorkKey> Index::owners_of(const operators::ObjectRef& object) const {
  const operators::ObjectRef places[] = {
      object, {object.kind, object.ns, {}}, {object.kind, {}, {}}};
  Owners out;
  const MutexLock lock(mutex_);
  for (const auto& place : places) {
    const auto found = owners_.find(place);
    if (found != owners_.end()) out.insert(found->second.begin(), found->second.end());
  }
  return {out.begin(), out.end()};
}

}  // namespace trustee::control

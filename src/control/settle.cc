#include "control/settle.h"

#include <set>

#include "base/try.h"
#include "control/errors.h"

namespace trustee::control {
namespace {

Result<void> load(const operators::ObjectRef& object, Cache& cache, operators::Snapshot& snapshot) {
  if (object.name.empty()) {
    TRY(const auto all, cache.list(object.kind, object.ns));
    for (const auto& one : all) {
      snapshot.put(object.kind, one);
    }
    return {};
  }
  TRY(const auto found, cache.find(object));
  if (found != nullptr) snapshot.put(object.kind, found);
  return {};
}

}  // namespace

Result<operators::Decision> settle(const Decide& decide, Cache& cache,
                                   operators::Snapshot& snapshot, const BeforeLoad& before_load) {
  constexpr int kRounds = 16;
  std::set<operators::ObjectRef> loaded;
  for (int round = 0; round < kRounds; ++round) {
    operators::Decision decision = decide(snapshot);
    bool complete = true;
    for (const operators::ObjectRef& object : decision.wants) {
      if (!loaded.insert(object).second) continue;
      complete = false;
      before_load(object);
      TRY_VOID(load(object, cache, snapshot));
    }
    if (complete) return decision;
  }
  return Errc::unsettled;
}

}  // namespace trustee::control

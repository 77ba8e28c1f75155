#pragma once

#include <functional>
#include <memory>

#include "base/mutex.h"
#include "base/snapshot.h"
#include "world/world.h"

namespace trustee::world {

/// The world in force. Reading is one pointer copy; changes are made one at a time, so none is
/// lost: `change` gets a copy of the latest world, replaces parts, and what it returns is in force
/// for every request that begins afterwards. Safe from many threads.
class Worlds {
 public:
  explicit Worlds(World initial);

  std::shared_ptr<const World> current() const { return current_.load(); }
  /// Returns the new generation. `edit` must be quick: compile and load before calling.
  std::uint64_t change(const std::function<void(World&)>& edit);

 private:
  Mutex writer_;
  Snapshot<World> current_;
};

}  // namespace trustee::world

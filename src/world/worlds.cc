#include "world/worlds.h"

namespace trustee::world {

Worlds::Worlds(World initial) : current_(std::make_shared<const World>(std::move(initial))) {}

std::uint64_t Worlds::change(const std::function<void(World&)>& edit) {
  MutexLock lock(writer_);
  auto next = std::make_shared<World>(*current_.load());
  edit(*next);
  next->generation += 1;
  const std::uint64_t generation = next->generation;
  current_.store(std::move(next));
  return generation;
}

}  // namespace trustee::world

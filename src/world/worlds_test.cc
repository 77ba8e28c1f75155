#include "world/worlds.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace trustee::world {
namespace {

TEST(Worlds, a_change_is_seen_by_later_readers_only) {
  Worlds worlds((World()));
  const auto before = worlds.current();
  EXPECT_EQ(worlds.change([](World& w) { w.not_ready = "x"; }), 2U);
  EXPECT_EQ(before->generation, 1U);
  EXPECT_EQ(before->not_ready, "");
  EXPECT_EQ(worlds.current()->generation, 2U);
  EXPECT_EQ(worlds.current()->not_ready, "x");
}

TEST(Worlds, no_change_is_lost_between_threads) {
  Worlds worlds((World()));
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        worlds.change([](World& w) { w.not_ready += '.'; });
        const auto seen = worlds.current();
        EXPECT_EQ(seen->generation, seen->not_ready.size() + 1);
      }
    });
  }
  for (auto& t : threads) {
    t.join();
  }
  EXPECT_EQ(worlds.current()->generation, 1601U);
  EXPECT_EQ(worlds.current()->not_ready.size(), 1600U);
}

}  // namespace
}  // namespace trustee::world

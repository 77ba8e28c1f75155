#include "base/lru_map.h"

#include <gtest/gtest.h>

#include <string>

namespace trustee {
namespace {

TEST(LruMap, ForgetsTheLeastRecentlyUsed) {
  LruMap<std::string, int> map(2);
  map.put("a", 1);
  map.put("b", 2);
  ASSERT_NE(map.find("a"), nullptr);
  map.put("c", 3);
  EXPECT_EQ(map.size(), 2U);
  EXPECT_EQ(map.find("b"), nullptr);
  EXPECT_EQ(*map.find("a"), 1);
  EXPECT_EQ(*map.find("c"), 3);
}

TEST(LruMap, ReplacingAValueKeepsTheSizeAndMakesItRecent) {
  LruMap<std::string, int> map(2);
  map.put("a", 1);
  map.put("b", 2);
  map.put("a", 10);
  map.put("c", 3);
  EXPECT_EQ(map.find("b"), nullptr);
  EXPECT_EQ(*map.find("a"), 10);
}

TEST(LruMap, ErasesOneEntry) {
  LruMap<std::string, int> map(2);
  map.put("a", 1);
  map.put("b", 2);
  map.erase("a");
  map.erase("x");
  map.put("c", 3);
  EXPECT_EQ(map.size(), 2U);
  EXPECT_NE(map.find("b"), nullptr);
}

TEST(LruMap, WithoutCapacityHoldsNothing) {
  LruMap<int, int> map(0);
  EXPECT_EQ(map.put(1, 1), nullptr);
  EXPECT_EQ(map.find(1), nullptr);
}

}  // namespace
}  // namespace trustee

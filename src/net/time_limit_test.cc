#include "net/internal/time_limit.h"

#include <gtest/gtest.h>

namespace trustee::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr TimeLimit::Time kStart{std::chrono::hours(1)};

TEST(TimeLimit, is_none_until_it_is_set) {
  TimeLimit limit;
  limit.extend(1U << 30U);
  EXPECT_FALSE(limit.is_set());
  EXPECT_FALSE(limit.passed(TimeLimit::Time::max() - seconds(1)));
}

TEST(TimeLimit, passes_when_its_time_has_come) {
  TimeLimit limit;
  limit.set(kStart);
  EXPECT_FALSE(limit.passed(kStart - milliseconds(1)));
  EXPECT_TRUE(limit.passed(kStart));
  limit.clear();
  EXPECT_FALSE(limit.passed(kStart));
}

TEST(TimeLimit, is_put_off_a_second_by_64_KiB) {
  TimeLimit limit;
  limit.set(kStart);
  limit.extend(32U << 10U);
  limit.extend(32U << 10U);
  EXPECT_FALSE(limit.passed(kStart + milliseconds(999)));
  EXPECT_TRUE(limit.passed(kStart + seconds(1)));
}

TEST(TimeLimit, hardly_moves_with_a_byte) {
  TimeLimit limit;
  limit.set(kStart);
  for (int i = 0; i < 60; ++i) {
    limit.extend(1);
  }
  EXPECT_TRUE(limit.passed(kStart + milliseconds(1)));
}

TEST(TimeLimit, is_brought_forward_and_not_back) {
  TimeLimit limit;
  limit.set(kStart);
  limit.at_latest(kStart + seconds(1));
  EXPECT_TRUE(limit.passed(kStart));
  limit.at_latest(kStart - seconds(1));
  EXPECT_TRUE(limit.passed(kStart - seconds(1)));
}

}  // namespace
}  // namespace trustee::net

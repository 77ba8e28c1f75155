#include "fetch/internal/single_flight.h"

#include <gtest/gtest.h>

#include <latch>
#include <thread>

namespace trustee::fetch::internal {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(SingleFlight, AWaiterGetsTheLeadersResultOrRunsOutOfTime) {
  SingleFlight<int> flights;
  std::latch started(1);
  std::latch finish(1);
  std::thread leader([&] {
    bool mine = false;
    const auto result = flights.run("key", seconds(60), mine, [&]() -> Result<int> {
      started.count_down();
      finish.wait();
      return 7;
    });
    EXPECT_TRUE(mine);
    EXPECT_EQ(result.value(), 7);
  });
  started.wait();
  bool mine = true;
  const auto never = []() -> Result<int> { return 0; };
  const auto impatient = flights.run("key", milliseconds(1), mine, never);
  EXPECT_FALSE(mine);
  EXPECT_TRUE(impatient.error().is(Errc::deadline_exceeded));
  std::thread waiter([&] {
    bool its = true;
    EXPECT_EQ(flights.run("key", seconds(60), its, []() -> Result<int> { return 7; }).value(), 7);
  });
  finish.count_down();
  leader.join();
  waiter.join();
}

TEST(SingleFlight, OtherKeysAndLaterCallersFlyThemselves) {
  SingleFlight<int> flights;
  bool mine = false;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(flights.run("key", seconds(1), mine, [i]() -> Result<int> { return i; }).value(), i);
    EXPECT_TRUE(mine);
  }
}

TEST(SingleFlight, AFailureIsSharedAndDoesNotStick) {
  SingleFlight<int> flights;
  bool mine = false;
  EXPECT_FALSE(
      flights.run("key", seconds(1), mine, []() -> Result<int> { return Errc::unreachable; }).ok());
  EXPECT_TRUE(flights.run("key", seconds(1), mine, []() -> Result<int> { return 1; }).ok());
}

}  // namespace
}  // namespace trustee::fetch::internal

#include "collateral/pace.h"

#include <gtest/gtest.h>

#include "collateral/renewal.h"

namespace trustee::collateral {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

const Time kStart = from_unix_seconds(1795500000);

TEST(Pace, RequestsStandApartFromTheEndOfOneToTheStartOfTheNext) {
  Pace pace{seconds(10)};
  ASSERT_TRUE(pace.enter(kStart, kStart + seconds(1)));
  EXPECT_EQ(pace.earliest(kStart), kStart);
  pace.asked(kStart + seconds(3));
  EXPECT_EQ(pace.earliest(kStart + seconds(3)), kStart + seconds(13));
  EXPECT_EQ(pace.earliest(kStart + seconds(20)), kStart + seconds(20));
}

TEST(Pace, AWaiterWhoseTurnWouldComeTooLateIsTurnedAwayAtOnce) {
  Pace pace{seconds(10)};
  const Time deadline = kStart + seconds(20);
  EXPECT_TRUE(pace.enter(kStart, deadline));
  EXPECT_TRUE(pace.enter(kStart, deadline));
  EXPECT_FALSE(pace.enter(kStart, deadline)) << "two are before it";
  pace.leave();
  EXPECT_TRUE(pace.enter(kStart, deadline));
}

TEST(Pace, TheRestThatIsAskedForHoldsForEverybody) {
  Pace pace{Duration::zero()};
  pace.rest_until(kStart + seconds(60));
  pace.rest_until(kStart + seconds(5));
  EXPECT_EQ(pace.earliest(kStart), kStart + seconds(60));
  EXPECT_FALSE(pace.spaced());
}

TEST(Renewal, IsTriedAgainLaterAndLaterAfterFailures) {
  const RenewalRule rule{seconds(30), seconds(100)};
  Renewal renewal;
  for (const int delay : {30, 60, 100, 100}) {
    renewal = after_failure(renewal, rule, kStart);
    EXPECT_EQ(renewal.not_before, kStart + seconds(delay));
  }
  EXPECT_EQ(renewal.failures, 4U);
  renewal.failures = 4000000000U;
  EXPECT_EQ(after_failure(renewal, rule, kStart).not_before, kStart + seconds(100));
}

TEST(Renewal, HappensWhenTheDocumentIsDueAndNoFailureIsFresh) {
  const Validity v{kStart, kStart + hours(10)};
  const RefreshRule rule{50, hours(24), {}};
  EXPECT_EQ(renewal_time(v, rule, {}), kStart + hours(5));
  EXPECT_EQ(renewal_time(v, rule, {1, kStart + hours(6)}), kStart + hours(6));
}

TEST(Renewal, ADocumentInGraceServesAtOnceOnlyWhenARenewalHasFailed) {
  EXPECT_TRUE(serves_at_once(Freshness::fresh, {}));
  EXPECT_TRUE(serves_at_once(Freshness::refresh_due, {}));
  EXPECT_FALSE(serves_at_once(Freshness::in_grace, {}));
  EXPECT_TRUE(serves_at_once(Freshness::in_grace, {1, kStart}));
  EXPECT_FALSE(serves_at_once(Freshness::expired, {1, kStart}));
}

}  // namespace
}  // namespace trustee::collateral

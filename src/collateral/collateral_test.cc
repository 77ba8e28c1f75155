#include <gtest/gtest.h>

#include <string>

#include "collateral/budget.h"
#include "collateral/freshness.h"
#include "collateral/retry.h"

namespace trustee::collateral {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

const Time kStart = from_unix_seconds(1795500000);

TEST(Freshness, ADocumentIsRenewedInTheMiddleOfItsLife) {
  const Validity v{kStart, kStart + hours(10)};
  const RefreshRule rule{50, hours(24), hours(1)};
  EXPECT_EQ(refresh_time(v, rule), kStart + hours(5));
  EXPECT_EQ(freshness_at(v, rule, kStart), Freshness::fresh);
  EXPECT_EQ(freshness_at(v, rule, kStart + hours(5) - milliseconds(1)), Freshness::fresh);
  EXPECT_EQ(freshness_at(v, rule, kStart + hours(5)), Freshness::refresh_due);
  EXPECT_EQ(freshness_at(v, rule, kStart + hours(10)), Freshness::refresh_due);
  EXPECT_EQ(freshness_at(v, rule, kStart + hours(10) + milliseconds(1)), Freshness::in_grace);
  EXPECT_EQ(freshness_at(v, rule, kStart + hours(11)), Freshness::in_grace);
  EXPECT_EQ(freshness_at(v, rule, kStart + hours(11) + milliseconds(1)), Freshness::expired);
}

TEST(Freshness, ALongLivedDocumentIsRenewedByItsAge) {
  const Validity v{kStart, kStart + hours(24 * 365 * 30)};
  EXPECT_EQ(refresh_time(v, {50, hours(24), {}}), kStart + hours(24));
}

TEST(Freshness, WithoutGraceADocumentEndsWithItsDate) {
  const Validity v{kStart, kStart + hours(1)};
  EXPECT_EQ(freshness_at(v, {}, kStart + hours(1) + milliseconds(1)), Freshness::expired);
}

TEST(Freshness, ADocumentThatWasNeverValidOrComesFromTheFutureIsNotFresh) {
  EXPECT_EQ(freshness_at({kStart, kStart - hours(1)}, {}, kStart), Freshness::expired);
  EXPECT_EQ(freshness_at({kStart, kStart + hours(1)}, {}, kStart - hours(1)),
            Freshness::refresh_due);
}

TEST(Retry, StatusesFallIntoClasses) {
  EXPECT_EQ(attempt_of_status(200), Attempt::answered);
  for (const int status : {400, 401, 404, 410}) {
    EXPECT_EQ(attempt_of_status(status), Attempt::absent) << status;
  }
  EXPECT_EQ(attempt_of_status(429), Attempt::overloaded);
  EXPECT_EQ(attempt_of_status(503), Attempt::overloaded);
  for (const int status : {100, 201, 204, 302, 500, 502, 0}) {
    EXPECT_EQ(attempt_of_status(status), Attempt::failed) << status;
  }
}

Duration delay_after(std::uint32_t attempts, std::uint32_t jitter = 0) {
  const RetryRule rule{100, milliseconds(200), seconds(5)};
  const auto step =
      next_step({Attempt::failed, attempts, std::nullopt, jitter}, rule, kStart, kStart + hours(1));
  return std::get<RetryAfter>(step).delay;
}

TEST(Retry, TheDelayDoublesUpToItsLimit) {
  EXPECT_EQ(delay_after(1), milliseconds(200));
  EXPECT_EQ(delay_after(2), milliseconds(400));
  EXPECT_EQ(delay_after(5), milliseconds(3200));
  EXPECT_EQ(delay_after(6), seconds(5));
  EXPECT_EQ(delay_after(99), seconds(5));
}

TEST(Retry, JitterShortensTheDelayByAtMostHalf) {
  EXPECT_EQ(delay_after(1, 50), milliseconds(150));
  EXPECT_EQ(delay_after(1, 100), milliseconds(100));
  EXPECT_EQ(delay_after(1, 1000), milliseconds(100));
}

TEST(Retry, AServicesOwnWishIsObeyedOrTheFetchIsGivenUp) {
  const RetryRule rule;
  const FailedAttempt asked{Attempt::overloaded, 1, seconds(30), 100};
  EXPECT_EQ(std::get<RetryAfter>(next_step(asked, rule, kStart, kStart + seconds(31))).delay,
            seconds(30));
  EXPECT_EQ(std::get<GiveUp>(next_step(asked, rule, kStart, kStart + seconds(30))),
            GiveUp::deadline_too_near);
}

TEST(Retry, AbsentDocumentsAndUsedUpAttemptsAreGivenUp) {
  const RetryRule rule{3, milliseconds(1), milliseconds(1)};
  const Time later = kStart + hours(1);
  EXPECT_EQ(std::get<GiveUp>(next_step({Attempt::absent, 1, std::nullopt, 0}, rule, kStart, later)),
            GiveUp::absent);
  EXPECT_TRUE(std::holds_alternative<RetryAfter>(
      next_step({Attempt::failed, 2, std::nullopt, 0}, rule, kStart, later)));
  EXPECT_EQ(std::get<GiveUp>(next_step({Attempt::failed, 3, std::nullopt, 0}, rule, kStart, later)),
            GiveUp::attempts_used_up);
  EXPECT_EQ(
      std::get<GiveUp>(next_step({Attempt::unreachable, 1, std::nullopt, 0}, rule, kStart, kStart)),
      GiveUp::deadline_too_near);
}

TEST(Retry, RetryAfterIsReadAsSecondsOrDateOfAtMostADay) {
  EXPECT_EQ(parse_retry_after("0", kStart), seconds(0));
  EXPECT_EQ(parse_retry_after("120", kStart), seconds(120));
  EXPECT_EQ(parse_retry_after("999999999", kStart), seconds(86400));
  // kStart is 2026-11-24T06:00:00Z.
  EXPECT_EQ(parse_retry_after("Tue, 24 Nov 2026 06:00:30 GMT", kStart), seconds(30));
  EXPECT_EQ(parse_retry_after("Tue, 24 Nov 2026 05:59:30 GMT", kStart), seconds(0));
  EXPECT_EQ(parse_retry_after("Sun, 24 Nov 2030 06:00:30 GMT", kStart), hours(24));
  for (const char* text :
       {"", "-1", "1.5", " 1", "1 ", "9999999999", "Tue, 24 Nov 2026 06:00:30"}) {
    EXPECT_FALSE(parse_retry_after(text, kStart).has_value()) << text;
  }
}

TEST(TokenBucket, GivesItsBurstAndThenOnePerPeriod) {
  TokenBucket bucket({2, seconds(10)}, kStart);
  EXPECT_TRUE(bucket.take(kStart));
  EXPECT_TRUE(bucket.take(kStart));
  EXPECT_FALSE(bucket.take(kStart + seconds(9)));
  EXPECT_TRUE(bucket.take(kStart + seconds(10)));
  EXPECT_FALSE(bucket.take(kStart + seconds(19)));
  EXPECT_TRUE(bucket.take(kStart + seconds(20)));
  EXPECT_FALSE(bucket.full(kStart + seconds(30)));
  EXPECT_TRUE(bucket.full(kStart + seconds(1000)));
  EXPECT_TRUE(bucket.take(kStart + seconds(1000)));
  EXPECT_TRUE(bucket.take(kStart + seconds(1000)));
  EXPECT_FALSE(bucket.take(kStart + seconds(1000)));
}

TEST(TokenBucket, AClockSetBackGivesNothingAway) {
  TokenBucket bucket({1, seconds(10)}, kStart);
  EXPECT_TRUE(bucket.take(kStart));
  EXPECT_FALSE(bucket.take(kStart - hours(1)));
  EXPECT_FALSE(bucket.take(kStart - hours(1) + seconds(9)));
  EXPECT_TRUE(bucket.take(kStart - hours(1) + seconds(10)));
}

FetchBudget::Rules rules(std::uint32_t all, std::uint32_t per_peer, std::size_t max_peers = 100) {
  return {{all, seconds(1)}, {per_peer, seconds(10)}, max_peers};
}

TEST(FetchBudget, OnePeerCannotUseUpWhatAllShare) {
  FetchBudget budget(rules(5, 2), kStart);
  EXPECT_EQ(budget.spend("a", kStart), Spend::granted);
  EXPECT_EQ(budget.spend("a", kStart), Spend::granted);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(budget.spend("a", kStart), Spend::peer_exhausted);
  }
  EXPECT_EQ(budget.spend("b", kStart), Spend::granted);
  EXPECT_EQ(budget.spend("b", kStart), Spend::granted);
  EXPECT_EQ(budget.spend("c", kStart), Spend::granted);
  EXPECT_EQ(budget.spend("c", kStart), Spend::all_exhausted);
  EXPECT_EQ(budget.spend("c", kStart + seconds(1)), Spend::granted) << "it kept its own token";
}

TEST(FetchBudget, RemembersABoundedNumberOfPeers) {
  FetchBudget budget(rules(1000, 1, 3), kStart);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(budget.spend("peer" + std::to_string(i), kStart), Spend::granted);
  }
  EXPECT_EQ(budget.peers(), 3U);
  EXPECT_EQ(budget.spend("peer49", kStart), Spend::peer_exhausted);
  EXPECT_EQ(budget.spend("peer0", kStart), Spend::granted) << "forgotten, all share still counts";
}

}  // namespace
}  // namespace trustee::collateral

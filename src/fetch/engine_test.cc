#include "fetch/engine.h"

#include "fetch/engine_testbed.h"

namespace trustee::fetch {
namespace {

using collateral::DocumentId;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST_F(Documents, AreGotOnceAndThenServedWithoutWaiting) {
  source_.answer = "0 10";
  const auto e = engine();
  EXPECT_EQ(e->peek(kId), nullptr);
  EXPECT_EQ(get(*e).value(), "0 10");
  EXPECT_EQ(get(*e).value(), "0 10");
  EXPECT_EQ(text(e->peek(kId)), "0 10");
  EXPECT_EQ(source_.asked, 1);
}

TEST_F(Documents, AreRenewedInTheBackgroundWhenTheyComeDue) {
  source_.answer = "0 10";
  const auto e = engine();
  ASSERT_TRUE(get(*e).ok());
  EXPECT_EQ(e->next_renewal(), kNow + hours(5));
  source_.answer = "5 20";
  e->renew_due();
  EXPECT_EQ(source_.asked, 1) << "not due yet";
  clock_.advance(hours(5));
  e->renew_due();
  EXPECT_EQ(source_.asked, 2);
  EXPECT_EQ(text(e->peek(kId)), "5 20");
}

TEST_F(Documents, InAnOutageTheLastGoodCopyServesAtOnceWithItsEndVisible) {
  source_.answer = "0 10";
  const auto e = engine();
  ASSERT_TRUE(get(*e).ok());
  source_.answer = Errc::unreachable;
  clock_.advance(hours(5));
  e->renew_due();
  for (const int at : {6, 11, 500}) {
    clock_.set(kNow + hours(at));
    const HeldPtr held = e->peek(kId);
    ASSERT_NE(held, nullptr) << at;
    EXPECT_EQ(held->validity.valid_until, kNow + hours(10));
  }
  EXPECT_EQ(source_.asked, 2) << "no request asks while the background does";
  source_.answer = "500 600";
  e->renew_due();
  EXPECT_EQ(text(e->peek(kId)), "500 600");
}

TEST_F(Documents, PastItsGraceACopyIsNone) {
  source_.answer = "0 10";
  const auto e = engine(with_grace(hours(1)));
  ASSERT_TRUE(get(*e).ok());
  source_.answer = Errc::unreachable;
  clock_.set(kNow + hours(10));
  e->renew_due();
  clock_.set(kNow + hours(11));
  EXPECT_NE(e->peek(kId), nullptr);
  clock_.advance(seconds(1));
  EXPECT_EQ(e->peek(kId), nullptr);
  EXPECT_TRUE(get(*e).error().is(Errc::unreachable));
}

TEST_F(Documents, FailedRenewalsAreRepeatedLaterAndLater) {
  source_.answer = "0 10";
  const auto e = engine();
  ASSERT_TRUE(get(*e).ok());
  source_.answer = Errc::unreachable;
  clock_.advance(hours(5));
  for (const int delay : {30, 60, 120}) {
    e->renew_due();
    EXPECT_EQ(e->next_renewal(), clock_.now() + seconds(delay));
    clock_.advance(seconds(delay));
  }
  EXPECT_EQ(source_.asked, 4);
}

TEST_F(Documents, AreNotRenewedAfterTheOrderToStop) {
  source_.answer = "0 10";
  const auto e = engine();
  ASSERT_TRUE(get(*e).ok());
  clock_.advance(hours(5));
  e->renew_due([] { return true; });
  EXPECT_EQ(source_.asked, 1);
}

TEST_F(Documents, AnEarlierIssueNeverReplacesALaterOne) {
  source_.answer = "3 10";
  const auto e = engine();
  ASSERT_TRUE(get(*e).ok());
  source_.answer = "2 1000";
  clock_.advance(hours(5));
  e->renew_due();
  EXPECT_EQ(text(e->peek(kId)), "3 10");
  const collateral::Record old{{to_vec(as_bytes("2 1000"))}, {kNow, kNow + hours(1000)}};
  EXPECT_TRUE(e->accept(kId, old).error().is(Errc::answer_outdated));
}

TEST_F(Documents, AnUnusableAnswerIsAFailureAndNotKept) {
  source_.answer = "<html>busy</html>";
  const auto e = engine();
  EXPECT_TRUE(get(*e).error().is(Errc::answer_unusable));
  EXPECT_TRUE(store_->list().value().empty());
  EXPECT_EQ(e->peek(kId), nullptr);
}

TEST_F(Documents, WhatIsAbsentOrFailedIsNotAskedForAgainAtOnce) {
  const auto e = engine();
  source_ = {Errc::unreachable, false, 0};
  EXPECT_TRUE(get(*e).error().is(Errc::unreachable));
  EXPECT_TRUE(get(*e).error().is(Errc::unreachable));
  EXPECT_EQ(source_.asked, 1);
  clock_.advance(seconds(30));
  source_ = {Errc::not_found, true, 0};
  EXPECT_TRUE(get(*e).error().is(Errc::not_found));
  clock_.advance(minutes(9));
  EXPECT_TRUE(get(*e).error().is(Errc::not_found));
  EXPECT_EQ(source_.asked, 1);
  clock_.advance(minutes(1));
  EXPECT_TRUE(get(*e).error().is(Errc::not_found));
  EXPECT_EQ(source_.asked, 2);
}

TEST_F(Documents, WhatOnePeerMayNotAskForAnotherOneMay) {
  source_.answer = "0 10";
  const auto e = engine(with_grace({}), {.budget = {{10, seconds(1)}, {1, hours(1)}, 10}});
  ASSERT_TRUE(get(*e).ok());
  const DocumentId two{"hours", "two"};
  EXPECT_TRUE(get(*e, two).error().is(Errc::peer_budget_exhausted));
  EXPECT_TRUE(e->get(two, {"another", clock_.now() + seconds(20)}).ok());
}

TEST_F(Documents, ThatASourceServesPastTheirDateAreServedAndAskedForAgain) {
  source_.answer = "-20 -10";
  const auto e = engine();
  EXPECT_EQ(get(*e).value(), "-20 -10");
  EXPECT_EQ(text(e->peek(kId)), "-20 -10");
  clock_.advance(seconds(30));
  source_.answer = "0 10";
  e->renew_due();
  EXPECT_EQ(text(e->peek(kId)), "0 10");
}

TEST_F(Documents, ThatASourceKeepsServingPastTheirDateAreAskedForLaterAndLater) {
  source_.answer = "-20 -10";
  for (const Duration grace : {Duration(hours(1000)), Duration(hours(1))}) {
    const auto e = engine(with_grace(grace));
    source_.asked = 0;
    ASSERT_TRUE(get(*e).ok());
    for (const int delay : {30, 60, 120}) {
      EXPECT_EQ(e->next_renewal(), clock_.now() + seconds(delay));
      e->renew_due();
      clock_.advance(seconds(delay));
      e->renew_due();
    }
    EXPECT_EQ(source_.asked, 4);
    ASSERT_TRUE(store_->remove(kId.key()).ok());
  }
}

TEST_F(Documents, AreHeldInABoundedNumberAndTheLongestUnusedGoesFirst) {
  KeepRule rule = with_grace({});
  rule.capacity = 2;
  source_.answer = "0 10";
  const auto e = engine(rule);
  for (const char* subject : {"one", "two", "one", "three"}) {
    ASSERT_TRUE(get(*e, {"hours", subject}).ok());
  }
  EXPECT_NE(e->peek(kId), nullptr);
  EXPECT_EQ(e->peek({"hours", "two"}), nullptr);
  EXPECT_NE(e->peek({"hours", "three"}), nullptr);
}

TEST_F(Documents, OfAKindThatNobodyKeepsAreRefused) {
  const auto e = engine();
  EXPECT_TRUE(get(*e, {"other", "one"}).error().is(Errc::kind_unknown));
  EXPECT_EQ(e->peek({"other", "one"}), nullptr);
  EXPECT_TRUE(e->accept({"other", "one"}, {}).error().is(Errc::kind_unknown));
}

TEST_F(Documents, AreCountedWithTheirAgeAndTheTimeToTheirEnd) {
  source_.answer = "0 10";
  const auto e = engine();
  ASSERT_TRUE(get(*e).ok());
  ASSERT_NE(e->peek(kId), nullptr);
  source_.answer = Errc::unreachable;
  clock_.set(kNow + hours(11));
  e->renew_due();
  e->update_metrics();
  const std::string text = registry_.exposition();
  for (const char* line :
       {R"(trustee_collateral_hits_total{kind="hours"} 1)",
        R"(trustee_collateral_misses_total{kind="hours"} 1)",
        R"(trustee_collateral_fetches_total{kind="hours"} 1)",
        R"(trustee_collateral_failures_total{kind="hours"} 1)",
        R"(trustee_collateral_documents{kind="hours"} 1)",
        R"(trustee_collateral_age_seconds{kind="hours",document="one"} 39600)",
        R"(trustee_collateral_expiry_seconds{kind="hours",document="one"} -3600)"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  }
}

}  // namespace
}  // namespace trustee::fetch

#include "fetch/engine.h"

#include <gtest/gtest.h>

#include <sstream>

#include "base/try.h"
#include "fetch/errors.h"
#include "fetch/fetch_test_data.h"
#include "kv/memory.h"

namespace trustee::fetch {
namespace {

using collateral::DocumentId;
using collateral::RawDocument;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// What one source answers, and how often it was asked.
struct Source {
  Result<std::string> answer = std::string();
  bool absent = false;
  int asked = 0;
};

/// A document whose text is two numbers: hours from kNow to its issue and to its end.
class HoursKind final : public DocumentKind {
 public:
  HoursKind(Source& source, KeepRule rule) : source_(source), rule_(rule) {}
  std::string_view name() const override { return "hours"; }
  const KeepRule& rule() const override { return rule_; }
  Result<RawDocument> fetch(const std::string& /*subject*/, Errand& errand) override {
    ++source_.asked;
    TRY_VOID(errand.pay());
    errand.absent = source_.absent;
    TRY(const std::string text, source_.answer);
    return RawDocument{to_vec(as_bytes(text))};
  }
  Result<Checked> check(const std::string& /*subject*/, const RawDocument& document,
                        Time /*now*/) const override {
    int issued = 0;
    int end = 0;
    std::istringstream in{std::string(as_text(document.body))};
    if (!(in >> issued >> end)) return Errc::answer_unusable;
    return Checked{std::make_shared<const ByteVec>(document.body), kNow + hours(issued),
                   kNow + hours(end)};
  }

 private:
  Source& source_;
  KeepRule rule_;
};

KeepRule with_grace(Duration grace) {
  KeepRule rule;
  rule.refresh = {50, hours(24), grace};
  rule.hold_off = seconds(30);
  return rule;
}

class Documents : public ::testing::Test {
 protected:
  std::unique_ptr<Engine> engine(KeepRule rule = with_grace(hours(1000)),
                                 Engine::Settings settings = {}) {
    std::vector<std::unique_ptr<DocumentKind>> kinds;
    kinds.push_back(std::make_unique<HoursKind>(source_, rule));
    return std::make_unique<Engine>(settings, Engine::Ports{clock_, store_, &metrics_},
                                    std::move(kinds));
  }
  Result<std::string> get(Engine& e, const DocumentId& id = kId) {
    const auto held = e.get(id, {"peer", clock_.now() + seconds(20)});
    if (!held.ok()) return held.error();
    return text(*held);
  }
  static std::string text(const HeldPtr& held) {
    if (held == nullptr) return "nothing";
    return std::string(as_text(*proof_of<std::shared_ptr<const ByteVec>>(held)));
  }

  static inline const DocumentId kId{"hours", "one"};
  FixedClock clock_{kNow};
  metrics::Registry registry_;
  metrics::CollateralMetrics metrics_{registry_};
  std::shared_ptr<kv::Store> kv_ = kv::create_memory_store();
  std::shared_ptr<kv::Namespace> store_ = kv_->open("vendor_collateral").value();
  Source source_;
};

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

TEST_F(Documents, OutliveTheProcess) {
  source_.answer = "0 10";
  ASSERT_TRUE(get(*engine()).ok());
  const auto restarted = engine();
  ASSERT_TRUE(restarted->follow_store().ok());
  EXPECT_EQ(text(restarted->peek(kId)), "0 10");
  const auto lazy = engine();
  EXPECT_EQ(get(*lazy).value(), "0 10");
  EXPECT_EQ(source_.asked, 1);
  EXPECT_EQ(restarted->next_renewal(), kNow + hours(5)) << "its age is remembered as well";
}

TEST_F(Documents, AfterARestartInAnOutageOneRequestAsksAndThenTheOldCopyServes) {
  source_.answer = "0 10";
  ASSERT_TRUE(get(*engine()).ok());
  source_.answer = Errc::unreachable;
  clock_.set(kNow + hours(20));
  const auto restarted = engine();
  ASSERT_TRUE(restarted->follow_store().ok());
  EXPECT_EQ(restarted->peek(kId), nullptr) << "perhaps there is a newer one";
  EXPECT_EQ(get(*restarted).value(), "0 10");
  EXPECT_EQ(source_.asked, 2);
  EXPECT_EQ(text(restarted->peek(kId)), "0 10");
  EXPECT_EQ(get(*restarted).value(), "0 10");
  EXPECT_EQ(source_.asked, 2);
}

TEST_F(Documents, WhatAnotherReplicaRenewedIsTakenFromTheStore) {
  source_.answer = "0 10";
  const auto one = engine();
  const auto other = engine();
  ASSERT_TRUE(get(*one).ok());
  ASSERT_TRUE(get(*other).ok());
  EXPECT_EQ(source_.asked, 1);
  source_.answer = "5 20";
  clock_.advance(hours(5));
  one->renew_due();
  other->renew_due();
  EXPECT_EQ(source_.asked, 2);
  EXPECT_EQ(text(other->peek(kId)), "5 20");
}

TEST_F(Documents, ThatAnotherProcessPutIntoTheStoreAreFollowed) {
  source_.answer = "0 10";
  const auto running = engine();
  ASSERT_TRUE(get(*running).ok());
  ASSERT_TRUE(running->follow_store().ok());
  source_.answer = Errc::unreachable;
  clock_.advance(hours(12));
  running->renew_due();
  ASSERT_EQ(text(running->peek(kId)), "0 10") << "the last good copy";
  // The importer got it before the copy in memory was got, and it is a later issue all the same.
  const auto importer = engine();
  const collateral::Record later{{to_vec(as_bytes("5 20"))}, {kNow - hours(1), kNow + hours(20)}};
  ASSERT_TRUE(importer->accept(kId, later).ok());
  ASSERT_TRUE(running->follow_store().ok());
  EXPECT_EQ(text(running->peek(kId)), "5 20");
  EXPECT_EQ(source_.asked, 2) << "no source is asked";
}

TEST_F(Documents, ThatTheStoreHoldsInAnEarlierCopyAreNotTakenBack) {
  source_.answer = "0 10";
  const auto e = engine();
  ASSERT_TRUE(get(*e).ok());
  clock_.advance(hours(5));
  e->renew_due();  // the same issue, got again
  const auto next = e->next_renewal();
  for (const char* text_of_old : {"0 10", "-1 300"}) {
    const collateral::Record old{{to_vec(as_bytes(text_of_old))}, {kNow, kNow + hours(300)}};
    ASSERT_TRUE(store_->put(kId.key(), *collateral::encode_record(old), kv::Overwrite::yes).ok());
    ASSERT_TRUE(e->follow_store().ok());
    EXPECT_EQ(text(e->peek(kId)), "0 10");
    EXPECT_EQ(e->next_renewal(), next);
  }
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

TEST_F(Documents, WhatLiesInTheStoreIsCheckedLikeWhatComesOverTheNetwork) {
  const auto record =
      collateral::encode_record({{to_vec(as_bytes("forged"))}, {kNow, kNow + hours(10)}});
  for (const ByteVec& stored : {*record, to_vec(as_bytes("garbage"))}) {
    ASSERT_TRUE(store_->put(kId.key(), stored, kv::Overwrite::yes).ok());
    source_ = {std::string("0 10"), false, 0};
    const auto e = engine();
    ASSERT_TRUE(e->follow_store().ok());
    EXPECT_EQ(e->peek(kId), nullptr);
    EXPECT_EQ(get(*e).value(), "0 10");
    EXPECT_EQ(source_.asked, 1);
  }
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

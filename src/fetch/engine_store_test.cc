#include "fetch/engine_testbed.h"
#include "kv/errors.h"

namespace trustee::fetch {
namespace {

using collateral::DocumentId;
using std::chrono::hours;
using std::chrono::seconds;

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

TEST_F(Documents, OneThatTheStoreCannotReadKeepsNoOtherBackAndIsLookedUpAgain) {
  const DocumentId two{"hours", "two"};
  source_.answer = "0 10";
  const auto other = engine();
  ASSERT_TRUE(get(*other).ok());
  ASSERT_TRUE(get(*other, two).ok());
  const auto e = engine();
  store_->unreadable = kId.key();
  for (int look = 0; look < 2; ++look) {
    EXPECT_TRUE(e->follow_store().error().is(kv::Errc::io));
    EXPECT_EQ(e->peek(kId), nullptr);
    EXPECT_EQ(text(e->peek(two)), "0 10");
  }
  store_->unreadable.clear();
  ASSERT_TRUE(e->follow_store().ok());
  EXPECT_EQ(text(e->peek(kId)), "0 10") << "though nothing was written meanwhile";
}

TEST_F(Documents, ThatTheStoreCannotReadAreGotFromTheirSource) {
  source_.answer = "0 10";
  ASSERT_TRUE(get(*engine()).ok());
  store_->unreadable = kId.key();
  const auto e = engine();
  EXPECT_EQ(get(*e).value(), "0 10");
  EXPECT_EQ(source_.asked, 2);
}

TEST_F(Documents, AreNotAcceptedWhileTheStoreCannotSayWhetherItHoldsALaterIssue) {
  source_.answer = "3 10";
  ASSERT_TRUE(get(*engine()).ok());
  store_->unreadable = kId.key();
  const auto e = engine();
  const collateral::Record old{{to_vec(as_bytes("2 1000"))}, {kNow, kNow + hours(1000)}};
  EXPECT_TRUE(e->accept(kId, old).error().is(kv::Errc::io));
  EXPECT_EQ(e->peek(kId), nullptr);
  store_->unreadable.clear();
  EXPECT_EQ(get(*e).value(), "3 10");
  EXPECT_EQ(source_.asked, 1) << "the later issue is still there";
}

TEST_F(Documents, ThatTheStoreDoesNotTakeServeButAreNotAccepted) {
  store_->unwritable = true;
  source_.answer = "0 10";
  const auto e = engine();
  EXPECT_EQ(get(*e).value(), "0 10");
  const collateral::Record record{{to_vec(as_bytes("5 20"))}, {kNow, kNow + hours(20)}};
  EXPECT_TRUE(e->accept(kId, record).error().is(kv::Errc::io));
  EXPECT_TRUE(store_->list().value().empty());
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

TEST_F(Documents, PastTheirDateAreNotAskedForInTurnByReplicasOnOneStore) {
  source_.answer = "-20 -10";
  const auto one = engine();
  const auto other = engine();
  ASSERT_TRUE(get(*one).ok());
  ASSERT_TRUE(other->follow_store().ok());
  other->renew_due();
  EXPECT_EQ(source_.asked, 2) << "each has asked once";
  for (int second = 1; second < 30; ++second) {
    clock_.advance(seconds(1));
    for (Engine* e : {one.get(), other.get()}) {
      ASSERT_TRUE(e->follow_store().ok());
      e->renew_due();
    }
  }
  EXPECT_EQ(source_.asked, 2) << "the first pause is 30 s";
  for (int second = 30; second < 90; ++second) {
    clock_.advance(seconds(1));
    for (Engine* e : {one.get(), other.get()}) {
      ASSERT_TRUE(e->follow_store().ok());
      e->renew_due();
      const int asked = source_.asked;
      ASSERT_TRUE(e->follow_store().ok());
      e->renew_due();
      EXPECT_EQ(source_.asked, asked) << "at the same time again";
    }
  }
  EXPECT_EQ(source_.asked, 4) << "each once more; the next pause is 60 s";
}

TEST_F(Documents, InUseAreNotDisplacedByThoseThatLieInTheStore) {
  KeepRule rule = with_grace(hours(1000));
  source_.answer = "0 10";
  const auto other = engine(rule);
  for (const char* subject : {"one", "two", "three", "four"}) {
    ASSERT_TRUE(get(*other, {"hours", subject}).ok());
  }
  rule.capacity = 2;
  const auto e = engine(rule);
  const DocumentId four{"hours", "four"};
  ASSERT_TRUE(get(*e).ok());
  ASSERT_TRUE(get(*e, four).ok());
  ASSERT_TRUE(e->follow_store().ok());
  ASSERT_NE(e->peek(kId), nullptr);
  ASSERT_NE(e->peek(four), nullptr);
  // That another replica renewed a document is no use of it: the longest unused is still `one`.
  clock_.advance(hours(5));
  other->renew_due();
  ASSERT_TRUE(e->follow_store().ok());
  ASSERT_TRUE(get(*e, {"hours", "two"}).ok());
  EXPECT_NE(e->peek(four), nullptr);
  EXPECT_EQ(e->peek(kId), nullptr);
}

TEST_F(Documents, ThatTheEngineItselfStoredAreNotReadBack) {
  source_.answer = "0 10";
  const auto e = engine();
  ASSERT_TRUE(e->follow_store().ok());
  ASSERT_TRUE(get(*e).ok());
  clock_.advance(hours(5));
  e->renew_due();
  EXPECT_EQ(source_.asked, 2);
  const int read = store_->read;
  ASSERT_TRUE(e->follow_store().ok());
  EXPECT_EQ(store_->read, read);
  // What another wrote meanwhile is seen all the same.
  const auto other = engine();
  source_.answer = "5 30";
  ASSERT_TRUE(get(*other, {"hours", "two"}).ok());
  ASSERT_TRUE(get(*e, {"hours", "three"}).ok());
  ASSERT_TRUE(e->follow_store().ok());
  EXPECT_EQ(text(e->peek({"hours", "two"})), "5 30");
}

TEST_F(Documents, AreAllLookedUpWhereTheStoreMayCountOurChangeAndAnothersAsOne) {
  store_ = std::make_shared<WatchedNamespace>(true);
  source_.answer = "0 10";
  const auto e = engine();
  const auto other = engine();
  ASSERT_TRUE(e->follow_store().ok());
  ASSERT_TRUE(get(*other, {"hours", "two"}).ok());
  ASSERT_TRUE(get(*e).ok());
  ASSERT_TRUE(e->follow_store().ok());
  EXPECT_EQ(text(e->peek({"hours", "two"})), "0 10");
}

}  // namespace
}  // namespace trustee::fetch

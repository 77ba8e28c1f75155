#include "control/reconciler.h"

#include "control/reconciler_testbed.h"

namespace trustee::control {
namespace {

TEST_F(Reconciled, a_decision_knows_the_status_written_last_and_for_which_object) {
  std::vector<std::string> known;
  g_decide = [&](const operators::Snapshot&, const operators::Surroundings& around) {
    known.push_back(around.written_uid);
    EXPECT_EQ(around.written_status.has_value(), !around.written_uid.empty());
    Decision out;
    out.status = json::Object{{"isReady", false}};
    return out;
  };
  Reconciler loop(desk(), *kind_named("KbsConfig"), decide, "kbsconfig");
  EXPECT_TRUE(loop.reconcile(key_).ok());
  EXPECT_TRUE(loop.reconcile(key_).ok());
  EXPECT_EQ(known, (std::vector<std::string>{"", "u-k"}));
}

TEST_F(Reconciled, a_change_while_an_object_is_read_wakes_its_owner) {
  const ObjectRef map{"ConfigMap", "n", "a"};
  std::size_t woken = 0;
  wire_.during_read = [&] { woken = index_.owners_of(map).size(); };
  g_decide = [&](const operators::Snapshot&, const operators::Surroundings&) {
    Decision out;
    out.wants = {map};
    return out;
  };
  Reconciler loop(desk(), *kind_named("KbsConfig"), decide, "kbsconfig");
  EXPECT_TRUE(loop.reconcile(key_).ok());
  EXPECT_EQ(woken, 1U);
  EXPECT_EQ(index_.owners_of(map).size(), 1U);
}

TEST_F(Reconciled, a_read_that_is_forbidden_for_more_than_a_moment_is_told_in_the_status) {
  g_decide = [&](const operators::Snapshot&, const operators::Surroundings&) {
    Decision out;
    out.wants = {{"ConfigMap", "n", "a"}};
    return out;
  };
  Reconciler loop(desk(), *kind_named("KbsConfig"), decide, "kbsconfig");
  wire_.forbidden_reads = 4;
  EXPECT_FALSE(loop.reconcile(key_).ok());
  pace_.advance(std::chrono::milliseconds(1999));
  EXPECT_FALSE(loop.reconcile(key_).ok());
  EXPECT_EQ(wire_.last_status, "");
  pace_.advance(std::chrono::milliseconds(1));
  EXPECT_FALSE(loop.reconcile(key_).ok());
  const auto told = json::parse(wire_.last_status);
  ASSERT_TRUE(told.ok());
  const auto text = [&](const char* member) {
    const json::Value* found = told->at_pointer(std::string("/status/conditions/0/") + member);
    return found == nullptr ? std::string("missing") : *found->as_string();
  };
  EXPECT_EQ(text("type") + ' ' + text("status") + ' ' + text("reason"), "Ready False ReadRefused");
  EXPECT_EQ(text("message"),
            "the API server does not let the operator read ConfigMap a; give the "
            "operator the role that belongs to its version");
  wire_.last_status.clear();
  EXPECT_FALSE(loop.reconcile(key_).ok());
  EXPECT_EQ(wire_.last_status, "") << "it stands already";
  EXPECT_TRUE(loop.reconcile(key_).ok());
}

TEST_F(Reconciled, a_decision_knows_what_was_refused_while_it_was_made) {
  std::vector<bool> known;
  g_decide = [&](const operators::Snapshot&, const operators::Surroundings& around) {
    known.push_back(around.refused.contains("PersistentVolume"));
    Decision out;
    out.wants = {{"PersistentVolume", "", "v"}};
    return out;
  };
  Reconciler loop(desk(), *kind_named("KbsConfig"), decide, "kbsconfig");
  EXPECT_TRUE(loop.reconcile(key_).ok());
  EXPECT_EQ(known, (std::vector<bool>{false, true}));
}

TEST_F(Reconciled, an_owner_that_cannot_be_looked_for_is_told) {
  Reconciler loop(desk(), *kind_named("KbsConfig"), decide, "kbsconfig");
  const auto done = loop.reconcile({"Unheard", "n", "k"});
  ASSERT_FALSE(done.ok());
  EXPECT_TRUE(done.error().is(Errc::kind_unknown));
  EXPECT_TRUE(log_.contains("Unheard n/k"));
}

}  // namespace
}  // namespace trustee::control

// What of a decision's fate is told: to the next decision, in events, to pods.
#include <algorithm>

#include "control/reconciler_testbed.h"

namespace trustee::control {
namespace {

class Told : public Reconciled {
 protected:
  /// What could not be told is told again a little later.
  static constexpr std::chrono::milliseconds kBeforeAgain{1200};

  /// A Service and a Deployment to be made, and the transitions of a status.
  Told() {
    g_decide = [](const operators::Snapshot&, const operators::Surroundings&) {
      Decision out;
      out.apply.emplace_back(body("Service", "s"));
      out.apply.emplace_back(body("Deployment", "d"));
      out.status = json::Object{{"isReady", true}};
      out.events = {{false, "ServiceCreated", ""},
                    {false, "DeploymentCreated", ""},
                    {false, "DeploymentUpdated", ""},
                    {false, "Ready", ""}};
      return out;
    };
  }
  /// From now on a Deployment is decided, of which `see` is told what was known.
  static void deploy(std::function<void(const operators::Surroundings&)> see) {
    g_decide = [see = std::move(see)](const operators::Snapshot&,
                                      const operators::Surroundings& around) {
      see(around);
      Decision out;
      out.apply.emplace_back(body("Deployment", "d"));
      return out;
    };
  }
  static std::string why(const operators::Surroundings& around) {
    const bool of_the_role = around.why_unwritten == operators::Unwritten::no_right;
    return of_the_role ? " of the role" : "";
  }
  using Reasons = std::vector<std::string>;
  Reconciler loop_{desk(), *kind_named("KbsConfig"), decide, "kbsconfig"};
};

TEST_F(Told, is_everything_when_all_was_written) {
  EXPECT_TRUE(loop_.reconcile(key_).ok());
  EXPECT_EQ(wire_.events,
            (Reasons{"ServiceCreated", "DeploymentCreated", "DeploymentUpdated", "Ready"}));
}

TEST_F(Told, is_what_succeeded_when_an_object_is_refused) {
  wire_.failing_deployments = 1;
  EXPECT_FALSE(loop_.reconcile(key_).ok());
  EXPECT_EQ(wire_.events, (Reasons{"ServiceCreated"}));
}

TEST_F(Told, is_to_the_next_decision_what_cannot_be_meant) {
  std::vector<std::string> known;
  deploy([&](const operators::Surroundings& around) {
    known.push_back(around.unwritten + why(around));
  });
  wire_.failing_deployments = 1;
  EXPECT_FALSE(loop_.reconcile(key_).ok());
  EXPECT_TRUE(loop_.reconcile(key_).ok());
  EXPECT_TRUE(loop_.reconcile(key_).ok());
  EXPECT_EQ(known, (Reasons{" of the role", "Deployment d: no", " of the role"}));
  EXPECT_EQ(wire_.events, Reasons());
}

TEST_F(Told, is_to_the_pods_what_changed_whatever_else_is_refused) {
  wire_.failing_deployments = 1;
  EXPECT_FALSE(loop_.reconcile(key_).ok());
  EXPECT_EQ(loop_.nudge_remembers(), 1U);
}

TEST_F(Told, is_to_the_decision_what_the_role_forbids_for_more_than_a_moment) {
  Reasons known;
  deploy([&](const operators::Surroundings& around) { known.push_back(around.unwritten); });
  wire_.forbidden_deployments = 3;
  EXPECT_FALSE(loop_.reconcile(key_).ok());
  pace_.advance(std::chrono::milliseconds(1999));
  EXPECT_FALSE(loop_.reconcile(key_).ok());
  pace_.advance(std::chrono::milliseconds(1));
  EXPECT_FALSE(loop_.reconcile(key_).ok());
  EXPECT_TRUE(loop_.reconcile(key_).ok());
  EXPECT_EQ(loop_.queue().depth(), 1U) << "what was told is taken back";
  EXPECT_TRUE(loop_.reconcile(key_).ok());
  const std::string refused = "Deployment d: u cannot patch";
  EXPECT_EQ(known, (Reasons{"", "", refused, refused, ""}));
  EXPECT_EQ(wire_.events, Reasons());
}

TEST_F(Told, is_to_the_decision_at_what_the_api_server_fails_for_long) {
  Reasons known;
  std::set<operators::Unwritten> why;
  deploy([&](const operators::Surroundings& around) {
    known.push_back(around.unwritten);
    if (!around.unwritten.empty()) why.insert(around.why_unwritten);
  });
  wire_.broken_deployments = 4;
  EXPECT_FALSE(loop_.reconcile(key_).ok());
  pace_.advance(std::chrono::milliseconds(9999));
  EXPECT_FALSE(loop_.reconcile(key_).ok());
  pace_.advance(std::chrono::milliseconds(1));
  EXPECT_FALSE(loop_.reconcile(key_).ok());
  EXPECT_FALSE(loop_.reconcile(key_).ok());
  EXPECT_TRUE(loop_.reconcile(key_).ok());
  EXPECT_EQ(loop_.queue().depth(), 1U) << "what was told is taken back";
  EXPECT_TRUE(loop_.reconcile(key_).ok());
  const std::string first = "Deployment d: webhook 3";
  EXPECT_EQ(known, (Reasons{"", "", first, first, first, ""}));
  EXPECT_EQ(why, (std::set{operators::Unwritten::failing}));
  EXPECT_EQ(wire_.events, Reasons());
}

TEST_F(Told, is_nothing_of_a_trouble_that_ended_with_the_write) {
  g_decide = [&](const operators::Snapshot&, const operators::Surroundings& around) {
    Decision out;
    out.apply.emplace_back(body("Deployment", "d"));
    out.status = json::Object{{"told", around.unwritten}};
    return out;
  };
  wire_.broken_deployments = 1;
  EXPECT_FALSE(loop_.reconcile(key_).ok());
  EXPECT_EQ(wire_.last_status, "") << "of what is told it may be that it stands already";
  pace_.advance(std::chrono::seconds(10));
  EXPECT_TRUE(loop_.reconcile(key_).ok());
  EXPECT_EQ(wire_.last_status, "");
  EXPECT_TRUE(loop_.reconcile(key_).ok());
  EXPECT_NE(wire_.last_status.find(R"("told":"")"), std::string::npos) << wire_.last_status;
}

TEST_F(Told, is_one_trouble_when_two_answer_in_turn) {
  std::string known;
  deploy([&](const operators::Surroundings& around) { known = around.unwritten; });
  const auto known_after = [&](int& fault, std::chrono::seconds time) {
    fault = 1;
    EXPECT_FALSE(loop_.reconcile(key_).ok());
    pace_.advance(time);
    return known;
  };
  const std::string refused = "Deployment d: u cannot patch";
  constexpr std::chrono::seconds kLong{9};
  known_after(wire_.forbidden_deployments, kLong);
  EXPECT_EQ(known_after(wire_.broken_deployments, kLong), refused);
  EXPECT_EQ(known_after(wire_.forbidden_deployments, kLong), refused);
  EXPECT_EQ(known_after(wire_.broken_deployments, kLong), refused);
  EXPECT_EQ(known_after(wire_.broken_deployments, std::chrono::seconds(1)), refused);
  EXPECT_EQ(known_after(wire_.broken_deployments, kLong), refused);
  EXPECT_EQ(known_after(wire_.broken_deployments, kLong), "Deployment d: webhook 0");
}

TEST_F(Told, is_no_refusal_that_was_over_before_it_was_told) {
  Reasons known;
  deploy([&](const operators::Surroundings& around) { known.push_back(around.unwritten); });
  wire_.forbidden_deployments = 1;
  wire_.broken_deployments = 3;
  EXPECT_FALSE(loop_.reconcile(key_).ok());
  EXPECT_FALSE(loop_.reconcile(key_).ok());
  pace_.advance(std::chrono::milliseconds(9999));
  EXPECT_FALSE(loop_.reconcile(key_).ok());
  pace_.advance(std::chrono::milliseconds(1));
  EXPECT_FALSE(loop_.reconcile(key_).ok());
  EXPECT_EQ(known, (Reasons{"", "", "", "Deployment d: webhook 2"}));
}

TEST_F(Told, is_once_as_an_event_what_fails_for_long_when_the_status_is_refused_as_well) {
  wire_.broken_deployments = 3;
  wire_.failing_statuses = 2;
  EXPECT_FALSE(loop_.reconcile(key_).ok());
  EXPECT_EQ(std::ranges::count(wire_.events, "ReconcileFailed"), 0);
  pace_.advance(std::chrono::seconds(10));
  EXPECT_FALSE(loop_.reconcile(key_).ok());
  EXPECT_EQ(std::ranges::count(wire_.events, "ReconcileFailed"), 1);
  EXPECT_FALSE(loop_.reconcile(key_).ok());
  EXPECT_EQ(std::ranges::count(wire_.events, "ReconcileFailed"), 1);
}

TEST_F(Told, is_once_that_the_status_alone_is_refused) {
  g_decide = [](const operators::Snapshot&, const operators::Surroundings&) {
    Decision out;
    out.status = json::Object{{"isReady", true}};
    return out;
  };
  wire_.failing_statuses = 4;
  for (int i = 0; i < 4; ++i) {
    EXPECT_FALSE(loop_.reconcile(key_).ok());
    pace_.advance(std::chrono::seconds(10));
  }
  EXPECT_EQ(wire_.events, Reasons{"ReconcileFailed"});
}

TEST_F(Told, is_as_an_event_when_the_role_forbids_the_status_as_well) {
  wire_.forbidden_deployments = 2;
  wire_.failing_statuses = 1;
  EXPECT_FALSE(loop_.reconcile(key_).ok());
  EXPECT_EQ(wire_.events, (Reasons{"ServiceCreated"})) << "for a moment it says nothing";
  pace_.advance(std::chrono::seconds(2));
  EXPECT_FALSE(loop_.reconcile(key_).ok());
  EXPECT_EQ(wire_.events, (Reasons{"ServiceCreated", "ServiceCreated", "ReconcileFailed"}));
}

TEST_F(Told, is_no_transition_when_the_status_is_refused) {
  wire_.failing_statuses = 1;
  EXPECT_FALSE(loop_.reconcile(key_).ok());
  EXPECT_EQ(wire_.events, (Reasons{"ServiceCreated", "DeploymentCreated", "DeploymentUpdated",
                                   "ReconcileFailed"}));
}

TEST_F(Told, is_later_what_there_were_too_many_requests_for) {
  wire_.refused_events = 2;
  EXPECT_TRUE(loop_.reconcile(key_).ok());
  EXPECT_EQ(wire_.events, (Reasons{"DeploymentUpdated", "Ready"}));
  pace_.advance(kBeforeAgain);
  g_decide = [](const operators::Snapshot&, const operators::Surroundings&) {
    Decision out;
    out.events = {{false, "DeploymentCreated", ""}};  // seen as missing once more
    return out;
  };
  EXPECT_TRUE(loop_.reconcile(key_).ok());
  EXPECT_EQ(wire_.events,
            (Reasons{"DeploymentUpdated", "Ready", "ServiceCreated", "DeploymentCreated"}));
}

TEST_F(Told, is_asked_for_again_and_not_repeated_when_only_the_answer_was_lost) {
  wire_.lost_events = 1;
  EXPECT_TRUE(loop_.reconcile(key_).ok());
  EXPECT_EQ(wire_.events, Reasons{"ServiceCreated"}) << "nobody is there to be told the others";
  pace_.advance(kBeforeAgain);
  g_decide = [](const operators::Snapshot&, const operators::Surroundings&) { return Decision(); };
  EXPECT_TRUE(loop_.reconcile(key_).ok());
  EXPECT_EQ(wire_.event_posts, 5);
  EXPECT_TRUE(loop_.reconcile(key_).ok());
  EXPECT_EQ(wire_.event_posts, 5);
  EXPECT_EQ(wire_.events,
            (Reasons{"ServiceCreated", "DeploymentCreated", "DeploymentUpdated", "Ready"}));
}

TEST_F(Told, is_nothing_of_an_object_that_is_gone) {
  wire_.refused_events = 4;
  EXPECT_TRUE(loop_.reconcile(key_).ok());
  const auto is_there = [this] { return cache_.find({"KbsConfig", "n", "k"}).value() != nullptr; };
  wire_.happens("DELETED", "2");
  while (is_there()) {
    std::this_thread::yield();
  }
  EXPECT_TRUE(loop_.reconcile(key_).ok());
  wire_.happens("ADDED", "3");
  while (!is_there()) {
    std::this_thread::yield();
  }
  g_decide = [](const operators::Snapshot&, const operators::Surroundings&) { return Decision(); };
  EXPECT_TRUE(loop_.reconcile(key_).ok());
  EXPECT_EQ(wire_.events, Reasons());
}

}  // namespace
}  // namespace trustee::control

#include "control/reconciler.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "control/errors.h"
#include "log/logger.h"
#include "operator/names.h"
#include "tests/support/fixed_clock.h"
#include "tests/support/instant_pace.h"
#include "tests/support/memory_log.h"
#include "tests/support/scripted_transport.h"

namespace trustee::control {
namespace {

using operators::Decision;
using operators::ObjectRef;

/// A cluster with one KbsConfig `k` and one ConfigMap `a`.
class Cluster final : public k8s::Transport {
 public:
  Result<k8s::HttpAnswer> exchange(const k8s::HttpRequest& r, const std::stop_token&) override {
    const std::lock_guard lock(mutex_);
    if (r.target.find("limit=") != std::string::npos) return list(r.target);
    if (r.method != "GET") return write(r);
    if (r.target.find("/persistentvolumes/") != std::string::npos) return refusal();
    if (during_read) during_read();
    if (forbidden_reads-- > 0) return refusal();
    return k8s::HttpAnswer{.status = 200, .body = item("a", "1")};
  }
  Result<k8s::HttpAnswer> stream(const k8s::HttpRequest& r, const Sink& sink,
                                 const std::stop_token& stop) override {
    if (r.target.find("/kbsconfigs?") == std::string::npos) return silent_watch(stop);
    while (true) {
      std::unique_lock lock(mutex_);
      if (!wake_.wait(lock, stop, [this] { return !changes_.empty(); })) return k8s::Errc::stopped;
      const std::string change = std::exchange(changes_, {});
      lock.unlock();
      if (!sink(change)) return k8s::HttpAnswer{.status = 200};
    }
  }
  /// The watch of KbsConfigs tells of this: `ADDED` or `DELETED`.
  void happens(const std::string& change, const std::string& version) {
    const std::lock_guard lock(mutex_);
    changes_ = R"({"type":")" + change + R"(","object":)" + item("k", version) + "}\n";
    wake_.notify_all();
  }
  static std::string item(const std::string& name, const std::string& version) {
    return R"({"metadata":{"name":")" + name + R"(","uid":"u-)" + name +
           R"(","namespace":"n","resourceVersion":")" + version + R"("}})";
  }
  static k8s::HttpAnswer refusal() { return {.status = 403, .body = "{}"}; }

  std::function<void()> during_read;
  int failing_deployments = 0;       ///< writes of Deployments that are refused from now on
  int failing_statuses = 0;          ///< likewise
  int forbidden_reads = 0;           ///< of ConfigMaps, likewise
  int forbidden_deployments = 0;     ///< likewise, by the role
  int refused_events = 0;            ///< events for which there are too many requests
  int lost_events = 0;               ///< events that are stored without saying so
  int event_posts = 0;               ///< those that were not refused
  std::vector<std::string> written;  ///< `METHOD path` but events
  std::string last_status;           ///< what was written to one
  std::vector<std::string> events;   ///< reasons

 private:
  static k8s::HttpAnswer list(const std::string& target) {
    if (target.find("/kbsconfigs?") != std::string::npos) return whole_list(item("k", "1"));
    if (target.find("/configmaps?") != std::string::npos) return whole_list(item("a", "1"));
    return whole_list("");
  }
  k8s::HttpAnswer write(const k8s::HttpRequest& r) {
    if (r.target.find("/events") != std::string::npos) {
      if (refused_events-- > 0) return {.status = 429, .body = "{}"};
      ++event_posts;
      const auto body = json::parse(r.body);
      if (!event_names_.insert(*body->at_pointer("/metadata/name")->as_string()).second) {
        return {.status = 409, .body = R"({"reason":"AlreadyExists"})"};
      }
      events.push_back(*body->at_pointer("/reason")->as_string());
      return {.status = lost_events-- > 0 ? 500 : 201, .body = "{}"};
    }
    written.push_back(r.method + ' ' + r.target.substr(0, r.target.find('?')));
    const bool status = written.back().ends_with("/status");
    const bool deployment = r.target.find("/deployments") != std::string::npos;
    if (status) last_status = r.body;
    if (deployment && forbidden_deployments-- > 0) {
      return {.status = 403, .body = R"({"message":"u cannot patch"})"};
    }
    if ((status && failing_statuses-- > 0) || (deployment && failing_deployments-- > 0)) {
      return {.status = 422, .body = R"({"message":"no"})"};
    }
    return {.status = 200, .body = r.body.empty() ? "{}" : r.body};
  }
  std::set<std::string> event_names_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::string changes_;
};

/// What the decision under test is; a decision is a plain function.
std::function<Decision(const operators::Snapshot&, const operators::Surroundings&)> g_decide;

Decision decide(const json::Object&, const operators::Snapshot& snapshot,
                const operators::Surroundings& around, const operators::KeySource&) {
  return g_decide(snapshot, around);
}

class NoKeys final : public operators::KeySource {
 public:
  Result<crypto::PrivateKey> ed25519() const override { return Error(Errc::unsettled); }
  Result<SecretBytes> session_key() const override { return Error(Errc::unsettled); }
};

class Reconciled : public ::testing::Test {
 protected:
  Reconciled() {
    cache_.start();
    while (!cache_.settled()) {
      std::this_thread::yield();
    }
  }
  ~Reconciled() override { g_decide = nullptr; }
  Desk desk() {
    return {.client = client_,
            .clock = clock_,
            .cache = cache_,
            .index = index_,
            .events = events_,
            .fresh_keys = keys_,
            .metrics = metrics_,
            .logger = log::Logger(journal_, "t"),
            .ns = "n",
            .images = [] { return operators::Images(); },
            .open_shift = [] { return std::optional<operators::OpenShift>(); }};
  }
  static json::Object body(const std::string& kind, const std::string& name) {
    return *json::parse(R"({"kind":")" + kind + R"(","metadata":{"name":")" + name +
                        R"(","namespace":"n"}})")
                ->as_object();
  }

  Cluster wire_;
  InstantPace pace_;
  FixedClock clock_{from_unix_seconds(1'800'000'000)};
  k8s::Client client_{wire_, pace_, {}, {}, {.attempts = 1}};
  Index index_;
  k8s::EventWriter events_{client_, clock_, "c", "i"};
  NoKeys keys_;
  metrics::Registry registry_;
  OperatorMetrics metrics_{registry_};
  Cache cache_{client_, {.ns = "n"}};
  MemoryLog log_;
  log::Journal journal_{log::Filter::parse("info").value(), log::Format::text, false, log_, clock_};
  const k8s::WorkKey key_{"KbsConfig", "n", "k"};
};

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
  g_decide = [&](const operators::Snapshot&, const operators::Surroundings& around) {
    known.push_back(around.refused_write + (around.lacks_right ? " of the role" : ""));
    Decision out;
    out.apply.emplace_back(body("Deployment", "d"));
    return out;
  };
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
  g_decide = [&](const operators::Snapshot&, const operators::Surroundings& around) {
    known.push_back(around.refused_write);
    Decision out;
    out.apply.emplace_back(body("Deployment", "d"));
    return out;
  };
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

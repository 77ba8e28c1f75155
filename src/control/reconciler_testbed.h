#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "control/errors.h"
#include "control/reconciler.h"
#include "log/logger.h"
#include "operator/names.h"
#include "tests/support/fixed_clock.h"
#include "tests/support/instant_pace.h"
#include "tests/support/memory_log.h"
#include "tests/support/scripted_transport.h"

namespace trustee::control {

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
  int failing_deployments = 0;    ///< writes of Deployments that are refused from now on
  int failing_statuses = 0;       ///< likewise
  int forbidden_reads = 0;        ///< of ConfigMaps, likewise
  int forbidden_deployments = 0;  ///< likewise, by the role
  int broken_deployments = 0;     ///< likewise, which a webhook fails at, in other words each time
  int refused_events = 0;         ///< events for which there are too many requests
  int lost_events = 0;            ///< events that are stored without saying so
  int event_posts = 0;            ///< those that were not refused
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
    if (deployment && broken_deployments-- > 0) {
      const std::string port = std::to_string(broken_deployments);
      return {.status = 500,
              .body = R"({"reason":"InternalError","message":"webhook )" + port + "\"}"};
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
inline std::function<Decision(const operators::Snapshot&, const operators::Surroundings&)> g_decide;

inline Decision decide(const json::Object&, const operators::Snapshot& snapshot,
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

}  // namespace trustee::control

#include "control/settle.h"

#include <gtest/gtest.h>

#include <thread>

#include "control/errors.h"
#include "tests/support/instant_pace.h"
#include "tests/support/scripted_transport.h"

namespace trustee::control {
namespace {

using operators::ObjectRef;

/// ConfigMaps `a`, `b`, `c` with metadata in lists and contents on demand, counted.
class ThreeMaps final : public k8s::Transport {
 public:
  Result<k8s::HttpAnswer> exchange(const k8s::HttpRequest& r, const std::stop_token&) override {
    if (r.target.find("limit=") != std::string::npos) {
      const bool maps = r.target.find("/configmaps?") != std::string::npos;
      const bool refused = r.target.find("/" + refuse + "?") != std::string::npos;
      if (refused) return k8s::HttpAnswer{.status = 403, .body = "{}"};
      return whole_list(maps ? item("a") + ',' + item("b") + ',' + item("c") : "");
    }
    ++reads;
    return k8s::HttpAnswer{.status = 200, .body = item(r.target.substr(r.target.size() - 1))};
  }
  Result<k8s::HttpAnswer> stream(const k8s::HttpRequest&, const Sink&,
                                 const std::stop_token& stop) override {
    return silent_watch(stop);
  }
  static std::string item(const std::string& name) {
    return R"({"metadata":{"name":")" + name + R"(","namespace":"n","resourceVersion":"1"}})";
  }
  std::string refuse = "none";
  int reads = 0;
};

class Settled : public ::testing::Test {
 protected:
  void start() {
    cache_.start();
    while (!cache_.settled()) {
      std::this_thread::yield();
    }
  }
  Result<operators::Decision> settled(const Decide& decide) {
    return settle(decide, cache_, snapshot_, nothing_);
  }
  const BeforeLoad nothing_ = [](const ObjectRef&) {};
  ThreeMaps wire_;
  InstantPace pace_;
  k8s::Client client_{wire_, pace_, {}};
  Cache cache_{client_, {.ns = "n"}};
  operators::Snapshot snapshot_;
};

/// Looks at `a`; when it is there at `b`; then at `c`.
operators::Decision chain(const operators::Snapshot& s) {
  operators::Decision out;
  std::string seen;
  for (const char* name : {"a", "b", "c"}) {
    out.wants.push_back({"ConfigMap", "n", name});
    if (s.find("ConfigMap", "n", name) == nullptr) break;
    seen += name;
  }
  out.events.push_back({false, seen, ""});
  return out;
}

TEST_F(Settled, decides_again_until_nothing_is_missing) {
  start();
  const auto decision = settled(chain);
  ASSERT_TRUE(decision.ok()) << decision.error().to_string();
  EXPECT_EQ(decision->events.front().reason, "abc");
  EXPECT_EQ(wire_.reads, 3);
}

TEST_F(Settled, reads_contents_once_while_they_stay_the_same) {
  start();
  ASSERT_TRUE(settled(chain).ok());
  operators::Snapshot again;
  ASSERT_TRUE(settle(chain, cache_, again, nothing_).ok());
  EXPECT_EQ(wire_.reads, 3);
  cache_.prune([](const ObjectRef& object) { return object.name == "a"; });
  EXPECT_EQ(cache_.held(), 1U);
  operators::Snapshot third;
  ASSERT_TRUE(settle(chain, cache_, third, nothing_).ok());
  EXPECT_EQ(wire_.reads, 5);
}

TEST_F(Settled, says_what_it_reads_before_it_does) {
  start();
  std::string told;
  const auto decision = settle(chain, cache_, snapshot_, [&](const ObjectRef& object) {
    told += object.name + '@' + std::to_string(wire_.reads) + ' ';
  });
  ASSERT_TRUE(decision.ok());
  EXPECT_EQ(told, "a@0 b@1 c@2 ");
}

TEST_F(Settled, what_may_not_be_read_is_not_taken_for_missing) {
  wire_.refuse = "configmaps";
  start();
  const auto decision = settled(chain);
  ASSERT_FALSE(decision.ok());
  EXPECT_TRUE(decision.error().is(Errc::read_refused));
}

TEST_F(Settled, an_optional_kind_that_may_not_be_read_is_empty) {
  wire_.refuse = "pods";
  start();
  const auto decision = settled([](const operators::Snapshot&) {
    operators::Decision out;
    out.wants.push_back({"Pod", "n", ""});
    return out;
  });
  EXPECT_TRUE(decision.ok());
  EXPECT_TRUE(cache_.refused().contains("Pod"));
}

TEST_F(Settled, objects_of_other_namespaces_are_not_looked_at) {
  start();
  const auto found = cache_.find({"ConfigMap", "elsewhere", "a"});
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(*found, nullptr);
  EXPECT_EQ(wire_.reads, 0);
}

TEST_F(Settled, a_decision_that_always_wants_more_is_an_error) {
  start();
  int round = 0;
  const auto decision = settled([&round](const operators::Snapshot&) {
    operators::Decision out;
    out.wants.push_back({"Service", "n", "s" + std::to_string(round++)});
    return out;
  });
  ASSERT_FALSE(decision.ok());
  EXPECT_TRUE(decision.error().is(Errc::unsettled));
}

}  // namespace
}  // namespace trustee::control

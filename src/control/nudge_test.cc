#include "control/nudge.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/support/instant_pace.h"
#include "tests/support/scripted_transport.h"

namespace trustee::control {
namespace {

using Lines = std::vector<std::string>;

/// Pods in a list, a ConfigMap `a` whose version the test sets, patches written down.
class Wire final : public k8s::Transport {
 public:
  Result<k8s::HttpAnswer> exchange(const k8s::HttpRequest& r, const std::stop_token&) override {
    if (r.method == "PATCH") {
      patched.push_back(r.target.substr(0, r.target.find('?')));
      return k8s::HttpAnswer{.status = patch_status, .body = "{}"};
    }
    if (r.target.find("/pods?") != std::string::npos) return whole_list(pods);
    return whole_list("");
  }
  Result<k8s::HttpAnswer> stream(const k8s::HttpRequest&, const Sink&,
                                 const std::stop_token& stop) override {
    return silent_watch(stop);
  }
  std::string pods;
  int patch_status = 200;
  Lines patched;
};

std::string pod(const std::string& name, const std::string& owner, const std::string& kind) {
  return R"({"metadata":{"name":")" + name + R"(","namespace":"n","resourceVersion":"1",)" +
         R"("labels":{"app":"kbs","pod-template-hash":"5d9c"},"ownerReferences":[{"kind":")" +
         kind + R"(","apiVersion":"apps/v1","name":")" + owner + R"(","controller":true}]}})";
}

class Nudged : public ::testing::Test {
 protected:
  void start(std::string pods) {
    wire_.pods = std::move(pods);
    cache_.start();
    while (!cache_.settled()) {
      std::this_thread::yield();
    }
  }
  void set_map(const std::string& version) {
    cache_.wrote(kMap,
                 *json::parse(R"({"metadata":{"name":"a","namespace":"n",)"
                              R"("resourceVersion":")" +
                              version + "\"}}")
                      ->as_object(),
                 {});
  }
  std::size_t after() { return nudge_.after(owner_, {kMap}).touched; }
  static inline const operators::ObjectRef kMap{"ConfigMap", "n", "a"};
  static constexpr const char* kPods = "/api/v1/namespaces/n/pods/";

  const k8s::WorkKey owner_{"KbsConfig", "n", "k"};
  Wire wire_;
  InstantPace pace_;
  k8s::Client client_{wire_, pace_, {}, {}, {.attempts = 1}};
  Cache cache_{client_, {.ns = "n"}};
  Nudge nudge_{client_, cache_};
};

TEST_F(Nudged, pods_are_touched_when_a_mounted_object_changed) {
  start(pod("p", "trustee-deployment-5d9c", "ReplicaSet"));
  set_map("1");
  EXPECT_EQ(after(), 0U);  // remembers
  EXPECT_EQ(after(), 0U);
  set_map("2");
  EXPECT_EQ(after(), 1U);
  EXPECT_EQ(after(), 0U);
  EXPECT_EQ(wire_.patched, Lines{std::string(kPods) + "p"});
}

TEST_F(Nudged, pods_of_others_are_left_alone) {
  start(pod("ours", "trustee-deployment-5d9c", "ReplicaSet") + ',' +
        pod("theirs", "other-5d9c", "ReplicaSet") + ',' +
        pod("longer", "trustee-deployment-x-5d9c", "ReplicaSet") + ',' +
        pod("job", "trustee-deployment-5d9c", "Job") + ',' +
        R"({"metadata":{"name":"bare","namespace":"n","labels":{"app":"kbs"}}})");
  set_map("1");
  EXPECT_EQ(after(), 0U);
  set_map("2");
  EXPECT_EQ(after(), 1U);
  EXPECT_EQ(wire_.patched, Lines{std::string(kPods) + "ours"});
}

TEST_F(Nudged, an_owner_that_is_gone_is_forgotten) {
  start({});
  set_map("1");
  EXPECT_EQ(after(), 0U);
  EXPECT_EQ(nudge_.remembered(), 1U);
  nudge_.forget(owner_);
  EXPECT_EQ(nudge_.remembered(), 0U);
}

TEST_F(Nudged, without_the_right_nothing_more_is_tried) {
  start(pod("p", "trustee-deployment-5d9c", "ReplicaSet") + ',' +
        pod("q", "trustee-deployment-5d9c", "ReplicaSet"));
  wire_.patch_status = 403;
  set_map("1");
  EXPECT_EQ(after(), 0U);
  set_map("2");
  EXPECT_EQ(after(), 0U);
  EXPECT_EQ(wire_.patched.size(), 1U);
}

TEST_F(Nudged, a_pod_that_could_not_be_touched_is_tried_again) {
  start(pod("p", "trustee-deployment-5d9c", "ReplicaSet") + ',' +
        pod("q", "trustee-deployment-5d9c", "ReplicaSet"));
  set_map("1");
  EXPECT_EQ(after(), 0U);
  set_map("2");
  wire_.patch_status = 500;
  EXPECT_FALSE(nudge_.after(owner_, {kMap}).done);
  EXPECT_EQ(wire_.patched.size(), 2U);
  wire_.patch_status = 200;
  const Nudge::Outcome again = nudge_.after(owner_, {kMap});
  EXPECT_EQ(again.touched, 2U);
  EXPECT_TRUE(again.done);
  EXPECT_EQ(after(), 0U);
}

}  // namespace
}  // namespace trustee::control

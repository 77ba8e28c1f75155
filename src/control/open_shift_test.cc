#include "control/open_shift.h"

#include <gtest/gtest.h>

#include "tests/support/instant_pace.h"
#include "tests/support/scripted_transport.h"

namespace trustee::control {
namespace {

using Lines = std::vector<std::string>;

constexpr const char* kSet =
    R"({"status":{"httpProxy":"http://p:1","httpsProxy":"http://p:2","noProxy":".svc"}})";
constexpr const char* kDiscovery = "GET /apis/security.openshift.io/v1";
constexpr const char* kProxy = "GET /apis/config.openshift.io/v1/proxies/cluster";

class OpenShift : public ::testing::Test {
 protected:
  std::string now() {
    const auto got = watch_.now();
    if (!got.ok()) return std::string(got.error().code().name());
    if (!got->has_value()) return "another cluster";
    return (*got)->http_proxy + ' ' + (*got)->https_proxy + ' ' + (*got)->no_proxy;
  }
  static constexpr const char* kKnown = "http://p:1 http://p:2 .svc";
  static constexpr const char* kNoProxy = "  ";

  ScriptedTransport wire_;
  InstantPace pace_;
  k8s::Client client_{wire_, pace_, {}, {}, {.attempts = 1}};
  OpenShiftWatch watch_{client_};
};

TEST_F(OpenShift, proxy_settings_are_read_once_in_five_minutes) {
  wire_.will(200, "{}");
  wire_.will(200, kSet);
  EXPECT_EQ(now(), kKnown);
  pace_.advance(std::chrono::seconds(299));
  EXPECT_EQ(now(), kKnown);
  EXPECT_EQ(wire_.lines(), (Lines{kDiscovery, kProxy}));
  pace_.advance(std::chrono::seconds(1));
  wire_.will(200, R"({"status":{"noProxy":".svc"}})");
  EXPECT_EQ(now(), kNoProxy);
  EXPECT_EQ(wire_.lines(), (Lines{kDiscovery, kProxy, kProxy}));
}

TEST_F(OpenShift, is_not_looked_for_again_where_the_group_is_not_served) {
  wire_.will(404, "{}");
  EXPECT_EQ(now(), "another cluster");
  EXPECT_EQ(now(), "another cluster");
  EXPECT_EQ(wire_.lines(), (Lines{kDiscovery}));
}

TEST_F(OpenShift, there_is_no_proxy_without_the_right_to_read_it_for_more_than_a_moment) {
  wire_.will(200, "{}");
  wire_.will(403, "{}");
  EXPECT_EQ(now(), "unavailable");
  pace_.advance(std::chrono::seconds(2));
  wire_.will(403, "{}");
  EXPECT_EQ(now(), kNoProxy);
}

TEST_F(OpenShift, is_looked_for_again_where_discovery_was_forbidden) {
  wire_.will(403, "{}");
  EXPECT_EQ(now(), "unavailable");
  pace_.advance(std::chrono::seconds(2));
  wire_.will(403, "{}");
  EXPECT_EQ(now(), "another cluster");
  EXPECT_EQ(now(), "another cluster");
  pace_.advance(std::chrono::seconds(300));
  wire_.will(200, "{}");
  wire_.will(200, kSet);
  EXPECT_EQ(now(), kKnown);
}

TEST_F(OpenShift, a_proxy_that_cannot_be_read_now_is_not_taken_for_none) {
  wire_.will(503, "{}");
  EXPECT_EQ(now(), "unavailable");
  wire_.will(200, "{}");
  wire_.will(500, "{}");
  EXPECT_EQ(now(), "unavailable");
  wire_.will(200, kSet);
  EXPECT_EQ(now(), kKnown);
}

TEST_F(OpenShift, a_proxy_stays_as_it_was_while_it_cannot_be_read_again) {
  wire_.will(200, "{}");
  wire_.will(200, kSet);
  EXPECT_EQ(now(), kKnown);
  pace_.advance(std::chrono::seconds(300));
  wire_.will(500, "{}");
  EXPECT_EQ(now(), kKnown);
  EXPECT_EQ(now(), kKnown);  // not asked with every decision
  EXPECT_EQ(wire_.seen().size(), 3U);
  pace_.advance(std::chrono::seconds(30));
  wire_.will(404, "{}");
  EXPECT_EQ(now(), kNoProxy);
}

/// Asks for the settings from within a request for them.
class Nested final : public k8s::Transport {
 public:
  Result<k8s::HttpAnswer> exchange(const k8s::HttpRequest& r, const std::stop_token&) override {
    if (r.target.ends_with("/cluster") && known != nullptr) {
      OpenShiftWatch& asked = *std::exchange(known, nullptr);
      EXPECT_TRUE(asked.now().ok());
    }
    return k8s::HttpAnswer{.status = 200, .body = kSet};
  }
  Result<k8s::HttpAnswer> stream(const k8s::HttpRequest&, const Sink&,
                                 const std::stop_token&) override {
    return k8s::Errc::unavailable;
  }
  OpenShiftWatch* known = nullptr;
};

TEST(OpenShiftLock, is_not_held_while_a_request_is_under_way) {
  Nested wire;
  InstantPace pace;
  k8s::Client client(wire, pace, {});
  OpenShiftWatch watch(client);
  wire.known = &watch;
  EXPECT_TRUE(watch.now().ok());
}

}  // namespace
}  // namespace trustee::control

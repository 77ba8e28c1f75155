#include "control/cluster_proxy.h"

#include <gtest/gtest.h>

#include "tests/support/instant_pace.h"
#include "tests/support/scripted_transport.h"

namespace trustee::control {
namespace {

using Lines = std::vector<std::string>;

constexpr const char* kSet =
    R"({"status":{"httpProxy":"http://p:1","httpsProxy":"http://p:2","noProxy":".svc"}})";
constexpr const char* kDiscovery = "GET /apis/config.openshift.io/v1";
constexpr const char* kProxy = "GET /apis/config.openshift.io/v1/proxies/cluster";

class Proxy : public ::testing::Test {
 protected:
  std::string now() {
    const auto got = proxy_.now();
    if (!got.ok()) return std::string(got.error().code().name());
    if (!got->has_value()) return "none";
    return (*got)->http + ' ' + (*got)->https + ' ' + (*got)->no_proxy;
  }
  static constexpr const char* kKnown = "http://p:1 http://p:2 .svc";

  ScriptedTransport wire_;
  InstantPace pace_;
  k8s::Client client_{wire_, pace_, {}, {}, {.attempts = 1}};
  ProxySettings proxy_{client_};
};

TEST_F(Proxy, is_read_once_in_five_minutes) {
  wire_.will(200, "{}");
  wire_.will(200, kSet);
  EXPECT_EQ(now(), kKnown);
  pace_.advance(std::chrono::seconds(299));
  EXPECT_EQ(now(), kKnown);
  EXPECT_EQ(wire_.lines(), (Lines{kDiscovery, kProxy}));
  pace_.advance(std::chrono::seconds(1));
  wire_.will(200, R"({"status":{}})");
  EXPECT_EQ(now(), "none");
  EXPECT_EQ(wire_.lines(), (Lines{kDiscovery, kProxy, kProxy}));
}

TEST_F(Proxy, is_not_looked_for_where_the_group_is_not_served) {
  wire_.will(404, "{}");
  EXPECT_EQ(now(), "none");
  EXPECT_EQ(now(), "none");
  EXPECT_EQ(wire_.lines(), (Lines{kDiscovery}));
}

TEST_F(Proxy, there_is_none_without_the_right_to_read_it) {
  wire_.will(200, "{}");
  wire_.will(403, "{}");
  EXPECT_EQ(now(), "none");
}

TEST_F(Proxy, that_cannot_be_read_now_is_not_taken_for_none) {
  wire_.will(503, "{}");
  EXPECT_EQ(now(), "unavailable");
  wire_.will(200, "{}");
  wire_.will(500, "{}");
  EXPECT_EQ(now(), "unavailable");
  wire_.will(200, kSet);
  EXPECT_EQ(now(), kKnown);
}

TEST_F(Proxy, stays_as_it_was_while_it_cannot_be_read_again) {
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
  EXPECT_EQ(now(), "none");
}

/// Asks for the settings from within a request for them.
class Nested final : public k8s::Transport {
 public:
  Result<k8s::HttpAnswer> exchange(const k8s::HttpRequest& r, const std::stop_token&) override {
    if (r.target.ends_with("/cluster") && known != nullptr) {
      ProxySettings& asked = *std::exchange(known, nullptr);
      EXPECT_TRUE(asked.now().ok());
    }
    return k8s::HttpAnswer{.status = 200, .body = kSet};
  }
  Result<k8s::HttpAnswer> stream(const k8s::HttpRequest&, const Sink&,
                                 const std::stop_token&) override {
    return k8s::Errc::unavailable;
  }
  ProxySettings* known = nullptr;
};

TEST(ProxyLock, is_not_held_while_a_request_is_under_way) {
  Nested wire;
  InstantPace pace;
  k8s::Client client(wire, pace, {});
  ProxySettings proxy(client);
  wire.known = &proxy;
  EXPECT_TRUE(proxy.now().ok());
}

}  // namespace
}  // namespace trustee::control

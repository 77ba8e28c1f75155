#include "control/endpoints.h"

#include <gtest/gtest.h>

#include <atomic>

#include "tests/support/case.h"
#include "tests/support/instant_pace.h"
#include "tests/support/loopback.h"
#include "tests/support/scripted_transport.h"

namespace trustee::control {
namespace {

std::string get(std::uint16_t port, std::string_view target, std::string_view token = {}) {
  RawConnection connection(port);
  std::string request = "GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n";
  if (!token.empty()) request += "Authorization: Bearer " + std::string(token) + "\r\n";
  const RawAnswer answer = connection.exchange(request + "\r\n");
  return std::to_string(answer.status) + ' ' + answer.body;
}

std::unique_ptr<Endpoint> serve(net::Handler handler) {
  net::ServerConfig config;
  config.sockets = {"127.0.0.1:0"};
  auto made = Endpoint::create(std::move(config), std::move(handler));
  if (!made.ok()) std::abort();
  return std::move(*made);
}

TEST(HealthEndpoint, is_healthy_at_once_and_ready_after_the_first_lists) {
  CASE("OP-89");
  std::atomic<bool> ready = false;
  const auto endpoint = serve(health_handler([&ready] { return ready.load(); }));
  EXPECT_EQ(get(endpoint->port(), "/healthz"), "200 ok");
  EXPECT_EQ(get(endpoint->port(), "/readyz").substr(0, 3), "503");
  ready = true;
  EXPECT_EQ(get(endpoint->port(), "/readyz"), "200 ok");
  EXPECT_EQ(get(endpoint->port(), "/healthz?verbose"), "200 ok");
  EXPECT_EQ(get(endpoint->port(), "/other").substr(0, 3), "404");
}

TEST(HealthEndpoint, takes_no_body_and_no_large_head) {
  const auto endpoint = serve(health_handler([] { return true; }));
  const auto status = [&](const std::string& rest) {
    RawConnection connection(endpoint->port());
    return connection.exchange("GET /healthz HTTP/1.1\r\nHost: x\r\n" + rest).status;
  };
  EXPECT_EQ(status("Content-Length: 1\r\n\r\nx"), 413);
  EXPECT_EQ(status("X: " + std::string(15U << 10U, 'x') + "\r\n\r\n"), 200);
  EXPECT_EQ(status("X: " + std::string(16U << 10U, 'x') + "\r\n\r\n"), 431);
}

TEST(HealthEndpoint, serves_sixteen_connections_of_one_peer) {
  const auto endpoint = serve(health_handler([] { return true; }));
  constexpr const char* kAsk = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
  std::vector<std::unique_ptr<RawConnection>> open;
  for (int i = 0; i < 16; ++i) {
    open.push_back(std::make_unique<RawConnection>(endpoint->port()));
    EXPECT_EQ(open.back()->exchange(kAsk).status, 200);
  }
  RawConnection one_more(endpoint->port());
  EXPECT_EQ(one_more.exchange(kAsk).status, 0);
}

class MetricsEndpoint : public ::testing::Test {
 protected:
  std::unique_ptr<Endpoint> endpoint(bool secure) {
    desk_.secure = secure;
    return serve(metrics_handler(desk_));
  }
  static std::string status(const std::string& answer) { return answer.substr(0, 3); }

  ScriptedTransport wire_;
  InstantPace pace_;
  k8s::Client client_{wire_, pace_, {}};
  metrics::Registry registry_;
  OperatorMetrics metrics_{registry_};
  std::unique_ptr<net::ComputePool> pool_ = net::ComputePool::create({}).value();
  MetricsDesk desk_{client_, registry_, metrics_, *pool_};
};

TEST_F(MetricsEndpoint, serves_only_whom_the_api_server_allows) {
  const auto served = endpoint(true);
  EXPECT_EQ(status(get(served->port(), "/metrics")), "401");
  wire_.will(201, R"({"status":{"authenticated":false}})");
  EXPECT_EQ(status(get(served->port(), "/metrics", "t")), "401");
  wire_.will(201, R"({"status":{"authenticated":true}})");
  wire_.will(201, R"({"status":{"allowed":false}})");
  EXPECT_EQ(status(get(served->port(), "/metrics", "t")), "403");
  wire_.will(403, "{}");
  EXPECT_EQ(status(get(served->port(), "/metrics", "t")), "503");
  wire_.will(201, R"({"status":{"authenticated":true}})");
  wire_.will(201, R"({"status":{"allowed":true}})");
  const std::string answer = get(served->port(), "/metrics", "t");
  EXPECT_EQ(status(answer), "200");
  EXPECT_NE(answer.find("\nprocess_resident_memory_bytes "), std::string::npos);
}

TEST_F(MetricsEndpoint, serves_everybody_when_told_to) {
  metrics_.reconciles.with({"kbsconfig", "success"}).add();
  const auto served = endpoint(false);
  const std::string answer = get(served->port(), "/metrics");
  EXPECT_EQ(status(answer), "200");
  EXPECT_NE(answer.find("\ncontroller_runtime_reconcile_total{controller=\"kbsconfig\","
                        "result=\"success\"} 1\n"),
            std::string::npos)
      << answer;
  EXPECT_EQ(status(get(served->port(), "/")), "404");
}

TEST(SocketsOf, understands_the_addresses_of_the_flags) {
  using Sockets = std::vector<std::string>;
  EXPECT_EQ(sockets_of(":8081"), (Sockets{"0.0.0.0:8081", "[::]:8081"}));
  EXPECT_EQ(sockets_of("127.0.0.1:80"), (Sockets{"127.0.0.1:80"}));
  EXPECT_EQ(sockets_of("0"), Sockets{});
  EXPECT_EQ(sockets_of(""), Sockets{});
}

}  // namespace
}  // namespace trustee::control

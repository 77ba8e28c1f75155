#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <future>
#include <latch>
#include <thread>

#include "net/server.h"
#include "tests/support/loopback.h"

namespace trustee::net {
namespace {

using std::chrono::milliseconds;

const std::string kGet = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

Task<Response> at_once(Request) { co_return text_response(200, "", "answer"); }

/// A handler whose requests wait on a pool thread until the test lets them go.
class Gate {
 public:
  explicit Gate(std::size_t threads)
      : pool_(ComputePool::create({.threads = threads, .queue = 64, .per_peer = 1000}).value()) {}
  Handler handler() {
    return [this](Request r) { return wait(std::move(r)); };
  }
  void wait_for_entered(int n) const {
    while (entered_.load() < n) {
      std::this_thread::yield();
    }
  }
  void open() { open_.set_value(); }

 private:
  Task<Response> wait(Request request) {
    auto job = [this] {
      entered_.fetch_add(1);
      opened_.wait();
    };
    const auto done = co_await pool_->run(request.peer.key, job);
    co_return text_response(done.ok() ? 200 : 503, "", "answer");
  }
  std::atomic<int> entered_{0};
  std::promise<void> open_;
  std::shared_future<void> opened_ = open_.get_future().share();
  std::unique_ptr<ComputePool> pool_;
};

/// A server whose one client has sent a request, which the handler works at until the gate opens.
struct AtWork {
  explicit AtWork(ServerConfig config)
      : server(std::move(config), gate.handler()), client(server.port()) {
    client.send(kGet);
    gate.wait_for_entered(1);
  }
  Gate gate{1};
  LoopbackServer server;
  RawConnection client;
};

ServerConfig handling_signals() {
  ServerConfig config;
  config.handle_signals = true;
  return config;
}

TEST(ServerStop, answers_requests_in_flight_and_tells_them_it_closes) {
  Gate gate(8);
  LoopbackServer server(ServerConfig(), gate.handler());
  std::vector<std::unique_ptr<RawConnection>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<RawConnection>(server.port()));
    clients.back()->send(kGet);
  }
  gate.wait_for_entered(8);
  server->stop();
  gate.open();
  for (auto& c : clients) {
    const auto a = c->receive();
    EXPECT_EQ(a.body, "answer");
    EXPECT_TRUE(c->ended());
  }
  EXPECT_EQ(server.join(), 0u);
}

TEST(ServerStop, loses_no_answer_of_clients_that_keep_asking) {
  LoopbackServer server(ServerConfig(), at_once);
  std::atomic<int> answered{0};
  std::atomic<int> lost{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 16; ++i) {
    clients.emplace_back([&] {
      RawConnection c(server.port());
      for (;;) {
        const auto a = c.exchange(kGet);
        if (a.status != 200) {
          lost.fetch_add(1);
          return;
        }
        answered.fetch_add(1);
        if (a.field("connection") == "close") return;
      }
    });
  }
  while (answered.load() < 1000) {
    std::this_thread::yield();
  }
  server->stop();
  for (auto& t : clients) {
    t.join();
  }
  EXPECT_EQ(lost.load(), 0);
  EXPECT_EQ(server.join(), 0u);
}

TEST(ServerStop, answers_requests_that_were_pipelined_before_it_closes) {
  Gate gate(1);
  LoopbackServer server(ServerConfig(), gate.handler());
  RawConnection c(server.port());
  c.send(kGet + kGet + kGet);
  gate.wait_for_entered(1);
  server->stop();
  gate.open();
  EXPECT_EQ(c.receive().body, "answer");
  EXPECT_EQ(c.receive().body, "answer");
  EXPECT_EQ(c.receive().field("connection"), "close");
  EXPECT_EQ(server.join(), 0u);
}

TEST(ServerStop, during_its_farewell_it_serves_who_comes_and_tells_them_it_closes) {
  ServerConfig config;
  config.farewell = std::chrono::hours(1);
  LoopbackServer server(std::move(config), at_once);
  RawConnection before(server.port());
  EXPECT_EQ(before.exchange(kGet).status, 200);
  server->stop();
  EXPECT_TRUE(server->draining());
  RawConnection after(server.port());
  for (RawConnection* c : {&before, &after}) {
    const auto a = c->exchange(kGet);
    EXPECT_EQ(a.status, 200);
    EXPECT_EQ(a.field("connection"), "close");
    EXPECT_TRUE(c->ended());
  }
  server->stop_now();
  EXPECT_EQ(server.join(), 0u);
}

TEST(ServerStop, closes_idle_connections_and_accepts_no_new_ones) {
  LoopbackServer server(ServerConfig(), at_once);
  RawConnection idle(server.port());
  EXPECT_EQ(idle.exchange(kGet).status, 200);
  const std::uint16_t port = server.port();
  server->stop();
  EXPECT_TRUE(idle.ended());
  EXPECT_EQ(server.join(), 0u);
  EXPECT_FALSE(RawConnection(port).connected());
}

TEST(ServerStop, gives_up_after_the_drain_limit_and_counts_what_was_lost) {
  ServerConfig config;
  config.drain_limit = milliseconds(50);
  AtWork work(std::move(config));
  work.server->stop();
  EXPECT_TRUE(work.client.ended());
  work.gate.open();
  EXPECT_EQ(work.server.join(), 1u);
}

TEST(ServerStop, ends_at_once_when_told_so) {
  AtWork work(ServerConfig{});
  work.server->stop_now();
  EXPECT_TRUE(work.client.ended());
  work.gate.open();
  EXPECT_EQ(work.server.join(), 1u);
}

TEST(ServerStop, SIGTERM_drains_and_SIGINT_ends_at_once) {
  {
    AtWork work(handling_signals());
    ASSERT_EQ(::kill(::getpid(), SIGTERM), 0);
    while (RawConnection(work.server.port()).connected()) {
      std::this_thread::yield();
    }
    work.gate.open();
    EXPECT_EQ(work.client.receive().body, "answer");
    EXPECT_EQ(work.server.join(), 0u);
  }
  AtWork work(handling_signals());
  ASSERT_EQ(::kill(::getpid(), SIGINT), 0);
  EXPECT_TRUE(work.client.ended());
  work.gate.open();
  EXPECT_EQ(work.server.join(), 1u);
}

TEST(ServerLoad, serves_64_clients_at_once) {
  LoopbackServer server(ServerConfig(), at_once);
  std::latch together(64);
  std::atomic<int> answers{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 64; ++i) {
    clients.emplace_back([&] {
      RawConnection c(server.port());
      together.arrive_and_wait();
      for (int n = 0; n < 50; ++n) {
        if (c.exchange(kGet).body == "answer") answers.fetch_add(1);
      }
    });
  }
  for (auto& t : clients) {
    t.join();
  }
  EXPECT_EQ(answers.load(), 64 * 50);
}

TEST(ServerLoad, answers_503_with_retry_after_when_the_handlers_pool_is_full) {
  auto pool = ComputePool::create({.threads = 1, .queue = 0, .per_peer = 100}).value();
  std::promise<void> open;
  std::shared_future<void> opened = open.get_future().share();
  std::latch entered(1);
  LoopbackServer server(ServerConfig(), [&](Request r) -> Task<Response> {
    auto job = [&] {
      entered.count_down();
      opened.wait();
    };
    const auto done = co_await pool->run(r.peer.key, job);
    if (!done.ok()) co_return overload_response();
    co_return Response{};
  });
  RawConnection first(server.port());
  first.send(kGet);
  entered.wait();
  RawConnection second(server.port());
  const auto refused = second.exchange(kGet);
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.field("retry-after"), "1");
  open.set_value();
  EXPECT_EQ(first.receive().status, 200);
}

/// Connections that send half a head each.
std::vector<std::unique_ptr<RawConnection>> half_heads(const LoopbackServer& server, int count) {
  std::vector<std::unique_ptr<RawConnection>> out;
  for (int i = 0; i < count; ++i) {
    out.push_back(std::make_unique<RawConnection>(server.port()));
    out.back()->send("GET / HTTP/1.1\r\nX: ");
  }
  return out;
}

TEST(ServerLoad, slow_connections_do_not_keep_others_out) {
  constexpr int kSlow = 39;
  ServerConfig config;
  config.limits.head_timeout = std::chrono::hours(1);
  config.limits.connections = kSlow + 1;
  config.limits.connections_per_peer = kSlow + 1;
  LoopbackServer server(std::move(config), at_once);
  const auto slow = half_heads(server, kSlow);
  while (server->load().connections < kSlow) {
    std::this_thread::yield();
  }
  RawConnection honest(server.port());
  EXPECT_EQ(honest.exchange(kGet).status, 200);
}

TEST(ServerLoad, slow_connections_are_cut_off) {
  ServerConfig config;
  config.limits.head_timeout = std::chrono::milliseconds(300);
  LoopbackServer server(std::move(config), at_once);
  for (const auto& c : half_heads(server, 39)) {
    EXPECT_EQ(c->receive().status, 408);
    EXPECT_TRUE(c->ended());
  }
}

TEST(ServerLoad, refuses_connections_past_the_limits) {
  ServerConfig config;
  config.limits.connections_per_peer = 2;
  LoopbackServer server(std::move(config), at_once);
  RawConnection one(server.port());
  RawConnection two(server.port());
  EXPECT_EQ(one.exchange(kGet).status, 200);
  EXPECT_EQ(two.exchange(kGet).status, 200);
  RawConnection three(server.port());
  EXPECT_TRUE(three.ended());
  EXPECT_EQ(server->load().refused_connections, 1u);
}

}  // namespace
}  // namespace trustee::net

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>

#include "net/server.h"
#include "tests/support/loopback.h"

namespace trustee::net {
namespace {

Task<Response> at_once(Request) { co_return text_response(200, "", "answer"); }

ServerConfig one_worker() {
  ServerConfig config;
  config.workers = 1;
  return config;
}

std::string repeated(std::string_view request, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) {
    out += request;
  }
  return out;
}

/// A client that sends the shortest requests without end and reads what comes back.
class Torrent {
 public:
  explicit Torrent(std::uint16_t port) : connection_(port) {
    sender_ = std::thread([this] {
      const std::string batch = repeated("GET / HTTP/1.1\r\n\r\n", 1000);
      while (connection_.send(batch)) {
      }
    });
    reader_ = std::thread([this] {
      char text[65536];
      for (;;) {
        const ssize_t n = ::recv(connection_.fd(), text, sizeof text, 0);
        if (n <= 0) return;
        received_.fetch_add(static_cast<std::size_t>(n));
      }
    });
  }
  ~Torrent() {
    ::shutdown(connection_.fd(), SHUT_RDWR);
    sender_.join();
    reader_.join();
  }
  Torrent(const Torrent&) = delete;
  Torrent& operator=(const Torrent&) = delete;
  void wait_for_bytes(std::size_t n) const {
    while (received_.load() < n) {
      std::this_thread::yield();
    }
  }

 private:
  RawConnection connection_;
  std::atomic<std::size_t> received_{0};
  std::thread sender_;
  std::thread reader_;
};

TEST(ServerPipeline, lets_others_in_between_requests_that_came_together) {
  constexpr int kMany = 200;
  std::latch first_is_asked(1);
  std::latch other_has_asked(1);
  std::string order;  // of the loop's thread until the server has ended
  LoopbackServer server(one_worker(), [&](Request r) -> Task<Response> {
    order += r.target.substr(1);
    if (order == "ba") {  // holds the whole loop
      first_is_asked.count_down();
      other_has_asked.wait();
    }
    co_return Response{};
  });
  RawConnection other(server.port());
  EXPECT_EQ(other.exchange("GET /b HTTP/1.1\r\n\r\n").status, 200);
  RawConnection many(server.port());
  many.send(repeated("GET /a HTTP/1.1\r\n\r\n", kMany));
  first_is_asked.wait();
  other.send("GET /b HTTP/1.1\r\n\r\n");
  other_has_asked.count_down();
  EXPECT_EQ(other.receive().status, 200);
  for (int i = 0; i < kMany; ++i) {
    ASSERT_EQ(many.receive().status, 200) << i;
  }
  server->stop_now();
  server.join();
  EXPECT_EQ(order.size(), static_cast<std::size_t>(kMany) + 2);
  EXPECT_LT(order.rfind('b'), static_cast<std::size_t>(kMany) / 2);
}

TEST(ServerPipeline, a_client_that_asks_without_end_holds_up_neither_others_nor_the_end) {
  ServerConfig config = one_worker();
  config.drain_limit = std::chrono::milliseconds(50);
  LoopbackServer server(std::move(config), at_once);
  const Torrent torrent(server.port());
  torrent.wait_for_bytes(1U << 20U);
  RawConnection other(server.port());
  ASSERT_EQ(other.exchange("GET / HTTP/1.1\r\n\r\n").body, "answer");
  server->stop();
  server.join();
  EXPECT_EQ(server->load().requests_in_flight, 0U);
}

}  // namespace
}  // namespace trustee::net

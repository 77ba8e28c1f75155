#include <gtest/gtest.h>

#include <thread>

#include "net/server.h"
#include "tests/support/loopback.h"

namespace trustee::net {
namespace {

constexpr std::size_t kFree = 16384;  // of each head and body

Task<Response> length(Request request) {
  co_return text_response(200, "", std::to_string(request.body.size()));
}

ServerConfig with_budget(std::size_t bytes) {
  ServerConfig config;
  config.limits.bytes_in_flight = bytes;
  return config;
}

std::string head_of(std::size_t body_size) {
  return "POST /p HTTP/1.1\r\nContent-Length: " + std::to_string(body_size) + "\r\n\r\n";
}

std::string post(std::size_t body_size) { return head_of(body_size) + std::string(body_size, 'b'); }

std::string post_in_chunks(std::size_t body_size) {
  return "POST /p HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n8000\r\n" +
         std::string(0x8000, 'b') + "\r\n" +
         (body_size > 0x8000 ? "1\r\nb\r\n0\r\n\r\n" : "0\r\n\r\n");
}

/// Sends a request but for its end and waits until the server counts `bytes` in all.
void stall(RawConnection& connection, const std::string& request, LoopbackServer& server,
           std::size_t bytes) {
  ASSERT_TRUE(connection.send(request));
  while (server->load().bytes_in_flight < bytes) {
    std::this_thread::yield();
  }
}

TEST(ServerBudget, refuses_with_503_and_retry_after_what_is_beyond_a_peers_half) {
  LoopbackServer server(with_budget(80'000), length);
  RawConnection c(server.port());
  EXPECT_EQ(c.exchange(post(40'000)).body, "40000");
  const auto busy = c.exchange(post(40'001));
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(busy.field("retry-after"), "1");
  RawConnection d(server.port());
  EXPECT_EQ(d.exchange(post(40'000)).status, 200) << "the budget was given back";
}

TEST(ServerBudget, counts_chunked_bodies_in_the_same_way) {
  LoopbackServer server(with_budget(2 * 0x8000), length);
  RawConnection c(server.port());
  EXPECT_EQ(c.exchange(post_in_chunks(0x8000)).body, "32768");
  EXPECT_EQ(c.exchange(post_in_chunks(0x8001)).status, 503);
}

TEST(ServerBudget, takes_small_bodies_whatever_is_used_up) {
  LoopbackServer server(with_budget(0), length);
  RawConnection c(server.port());
  EXPECT_EQ(c.exchange(post(kFree)).body, "16384");
  EXPECT_EQ(c.exchange(post(kFree + 1)).status, 503);
}

TEST(ServerBudget, leaves_half_to_others_while_one_peer_stalls_its_bodies) {
  LoopbackServer server(with_budget(200'000), length);
  RawConnection stalled(server.port());
  const std::string most = head_of(80'000) + std::string(70'000, 'b');
  stall(stalled, most, server, 80'000);
  RawConnection same(server.port());
  EXPECT_EQ(same.exchange(post(80'000)).status, 503);
  RawConnection other(server.port(), "127.0.0.2");
  EXPECT_EQ(other.exchange(post(80'000)).body, "80000");
  EXPECT_EQ(stalled.exchange(std::string(10'000, 'b')).body, "80000");
}

TEST(ServerBudget, is_used_up_when_peers_have_it_all_together) {
  LoopbackServer server(with_budget(200'000), length);
  const std::string most = head_of(80'000) + std::string(70'000, 'b');
  RawConnection one(server.port());
  stall(one, most, server, 80'000);
  RawConnection two(server.port(), "127.0.0.2");
  stall(two, most, server, 160'000);
  RawConnection three(server.port(), "127.0.0.3");
  EXPECT_EQ(three.exchange(post(50'000)).status, 503);
  EXPECT_EQ(one.exchange(std::string(10'000, 'b')).body, "80000");
  EXPECT_EQ(two.exchange(std::string(10'000, 'b')).body, "80000");
  while (server->load().bytes_in_flight != 0) {
    std::this_thread::yield();
  }
  EXPECT_EQ(RawConnection(server.port(), "127.0.0.3").exchange(post(50'000)).body, "50000");
}

TEST(ServerBudget, counts_a_large_head_while_it_is_still_coming) {
  LoopbackServer server(with_budget(300'000), length);
  const std::string most_of_a_head = "GET /x HTTP/1.1\r\nA: " + std::string(100'000, 't');
  RawConnection one(server.port());
  stall(one, most_of_a_head, server, most_of_a_head.size());
  RawConnection other(server.port());
  const auto busy = other.exchange(most_of_a_head);
  EXPECT_EQ(busy.status, 503) << "the peer's half has room for one of them only";
  EXPECT_EQ(busy.field("retry-after"), "1");
  EXPECT_EQ(one.exchange("\r\n\r\n").body, "0");
}

TEST(ServerBudget, is_given_back_by_requests_that_the_end_of_the_server_cuts_off) {
  LoopbackServer server(with_budget(200'000), length);
  RawConnection c(server.port());
  stall(c, head_of(80'000) + std::string(70'000, 'b'), server, 80'000);
  server->stop_now();
  EXPECT_EQ(server.join(), 1U);
  EXPECT_EQ(server->load().bytes_in_flight, 0U);
}

TEST(ServerBudget, grows_with_the_bodies_so_that_one_fits_with_its_coding) {
  EXPECT_EQ(limits_for_bodies(2U << 20U).bytes_in_flight, 256U << 20U);
  EXPECT_EQ(limits_for_bodies(1U << 30U).bytes_in_flight, std::size_t{4} << 30U);
  EXPECT_EQ(limits_for_bodies(1U << 30U).body_bytes, 1U << 30U);
}

}  // namespace
}  // namespace trustee::net

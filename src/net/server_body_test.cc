#include <gtest/gtest.h>
#include <zlib.h>

#include <future>

#include "codec/hex.h"
#include "net/server.h"
#include "tests/support/case.h"
#include "tests/support/loopback.h"

namespace trustee::net {
namespace {

/// Answers with method, target and body, so that a test sees what the handler saw.
Task<Response> echo(Request request) {
  std::string text = request.method + ' ' + request.target + '\n';
  text += as_text(request.body);
  Response r;
  r.body = to_vec(as_bytes(text));
  co_return r;
}

std::string post(std::string_view body, std::string_view fields = "") {
  return "POST /p HTTP/1.1\r\nHost: h\r\n" + std::string(fields) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

TEST(ServerBody, accepts_a_body_of_exactly_the_limit_and_answers_413_one_byte_past_it) {
  CASE("KBS-H6");
  LoopbackServer server(ServerConfig(), echo);
  const std::string limit(2u << 20, 'b');
  RawConnection c(server.port());
  EXPECT_EQ(c.exchange(post(limit)).body.size(), limit.size() + 8);
  const auto over = c.exchange(post(limit + 'b'));
  EXPECT_EQ(over.status, 413);
  EXPECT_EQ(over.field("content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(over.body, "payload reached size limit");
  EXPECT_EQ(over.field("connection"), "close");
}

TEST(ServerBody, counts_chunked_bodies_against_the_same_limit) {
  LoopbackServer server(ServerConfig(), echo);
  const std::string mib(1u << 20, 'b');
  const std::string start = "POST /p HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string chunk = "100000\r\n" + mib + "\r\n";
  RawConnection fits(server.port());
  EXPECT_EQ(fits.exchange(start + chunk + chunk + "0\r\n\r\n").body.size(), (2u << 20) + 8);
  RawConnection over(server.port());
  EXPECT_EQ(over.exchange(start + chunk + chunk + "1\r\nb\r\n0\r\n\r\n").status, 413);
}

TEST(ServerBody, undoes_content_codings_within_the_limit) {
  ServerConfig config;
  config.limits.body_bytes = 41;
  LoopbackServer server(std::move(config), echo);
  const std::string gzip(as_text(*codec::hex_decode(
      "1f8b08000000000002034b2c29492d2e492cc9cccf53482dcb4c49cd4b4e5548c42208005643dd4429000000")));
  const std::string zlib(as_text(
      *codec::hex_decode("789c4b2c29492d2e492cc9cccf53482dcb4c49cd4b4e5548c422080058c11047")));
  RawConnection c(server.port());
  EXPECT_EQ(c.exchange(post(zlib, "Content-Encoding: deflate\r\n")).body,
            "POST /p\nattestation evidence attestation evidence");
  EXPECT_EQ(c.exchange(post("abc", "Content-Encoding: unheard-of\r\n")).body, "POST /p\nabc");
  EXPECT_EQ(c.exchange(post("abc", "Content-Encoding: gzip\r\n")).status, 400);
  RawConnection d(server.port());
  EXPECT_EQ(d.exchange(post(gzip, "Content-Encoding: gzip\r\n")).status, 413)
      << "44 coded bytes are above the limit of 41";
}

TEST(ServerBody, refuses_more_than_one_content_coding) {
  LoopbackServer server(ServerConfig(), echo);
  for (const char* fields :
       {"Content-Encoding: gzip, br\r\n", "Content-Encoding: gzip\r\nContent-Encoding: br\r\n",
        "Content-Encoding: unheard-of\r\nContent-Encoding: gzip\r\n"}) {
    RawConnection c(server.port());
    const auto a = c.exchange(post("abc", fields));
    EXPECT_EQ(a.status, 400) << fields;
    EXPECT_EQ(a.body, "can not decode content-encoding") << fields;
    EXPECT_TRUE(c.ended());
  }
}

TEST(ServerBody, does_not_unpack_a_decompression_bomb) {
  ServerConfig config;
  config.limits.body_bytes = 1u << 20;
  config.limits.bytes_in_flight = 2u << 20;
  LoopbackServer server(std::move(config), echo);
  const ByteVec zeros(64u << 20);
  std::string stream(::compressBound(zeros.size()), '\0');
  uLongf size = stream.size();
  ASSERT_EQ(::compress2(reinterpret_cast<Bytef*>(stream.data()), &size, zeros.data(), zeros.size(),
                        Z_BEST_COMPRESSION),
            Z_OK);
  stream.resize(size);
  ASSERT_LT(stream.size(), 100u << 10);
  RawConnection c(server.port());
  EXPECT_EQ(c.exchange(post(stream, "Content-Encoding: deflate\r\n")).status, 413);
}

TEST(ServerBody, undoes_content_codings_on_the_pool_and_answers_503_when_it_is_full) {
  auto pool = ComputePool::create({.threads = 1, .queue = 0, .per_peer = 1});
  ServerConfig config;
  config.decode_pool = pool->get();
  LoopbackServer server(std::move(config), echo);
  const std::string zlib(as_text(
      *codec::hex_decode("789c4b2c29492d2e492cc9cccf53482dcb4c49cd4b4e5548c422080058c11047")));
  RawConnection c(server.port());
  EXPECT_EQ(c.exchange(post(zlib, "Content-Encoding: deflate\r\n")).body,
            "POST /p\nattestation evidence attestation evidence");
  (*pool)->stop();
  const auto busy = c.exchange(post(zlib, "Content-Encoding: deflate\r\n"));
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(busy.field("retry-after"), "1");
}

TEST(ServerBody, undoes_no_content_coding_on_its_own_thread_even_while_the_pool_is_idle) {
  // One thread of two is free, so light work would be done on the connection's; the peer's share,
  // which counts on the pool's threads only, is used up by the first request.
  auto pool = ComputePool::create({.threads = 2, .queue = 4, .per_peer = 1}).value();
  std::promise<void> open;
  std::shared_future<void> opened = open.get_future().share();
  std::promise<void> entered;
  ServerConfig config;
  config.decode_pool = pool.get();
  LoopbackServer server(std::move(config), [&](Request r) -> Task<Response> {
    auto job = [&] {
      entered.set_value();
      opened.wait();
    };
    if (r.method == "POST") co_return text_response(200, "", "decoded");
    const auto done = co_await pool->run(r.peer.key, job);
    co_return text_response(done.ok() ? 200 : 503, "", "held");
  });
  RawConnection holder(server.port());
  holder.send("GET / HTTP/1.1\r\n\r\n");
  entered.get_future().wait();
  const std::string zlib(as_text(
      *codec::hex_decode("789c4b2c29492d2e492cc9cccf53482dcb4c49cd4b4e5548c422080058c11047")));
  RawConnection c(server.port());
  EXPECT_EQ(c.exchange(post(zlib, "Content-Encoding: deflate\r\n")).status, 503);
  open.set_value();
  EXPECT_EQ(holder.receive().body, "held");
}

Task<Response> large(Request) {
  co_return text_response(200, "", std::string(32u << 20, 'x') + "end");
}

TEST(ServerBody, sends_a_large_answer_whole_in_as_many_parts_as_it_takes) {
  LoopbackServer server(ServerConfig(), large);
  RawConnection c(server.port());
  const auto a = c.exchange("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(a.body.size(), (32u << 20) + 3);
  EXPECT_TRUE(a.body.ends_with("xend"));
}

TEST(ServerBody, gives_up_on_a_client_that_does_not_read) {
  ServerConfig config;
  config.limits.write_timeout = std::chrono::milliseconds(100);
  std::promise<bool> delivered;
  config.on_exchange = [&](const Exchange& e) { delivered.set_value(e.delivered); };
  LoopbackServer server(std::move(config), large);
  RawConnection c(server.port());
  c.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_FALSE(delivered.get_future().get());
}

}  // namespace
}  // namespace trustee::net

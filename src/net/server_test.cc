#include "net/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <set>

#include "tests/support/case.h"
#include "tests/support/loopback.h"

namespace trustee::net {
namespace {

using std::chrono::milliseconds;

/// Answers with method, target and body, so that a test sees what the handler saw.
Task<Response> echo(Request request) {
  std::string text = request.method + ' ' + request.target + '\n';
  text += as_text(request.body);
  Response r;
  r.headers.add("X-Order", "one");
  r.headers.add("A-Order", "two");
  r.body = to_vec(as_bytes(text));
  co_return r;
}

/// Waits for a client however seldom that is scheduled.
ServerConfig patient() {
  constexpr std::chrono::hours kLong{1};
  ServerConfig c;
  c.limits.head_timeout = kLong;
  c.limits.keep_alive_timeout = kLong;
  c.limits.body_timeout = kLong;
  return c;
}
constexpr milliseconds kShort{300};

const std::string kGet = "GET /x HTTP/1.1\r\nHost: h\r\n\r\n";

std::string post(std::string_view body, std::string_view fields = "") {
  return "POST /p HTTP/1.1\r\nHost: h\r\n" + std::string(fields) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

TEST(Server, sends_the_handlers_fields_in_order_and_adds_its_own) {
  LoopbackServer server(patient(), echo);
  RawConnection c(server.port());
  const auto a = c.exchange(post("hi"));
  EXPECT_EQ(a.status, 200);
  EXPECT_EQ(a.body, "POST /p\nhi");
  EXPECT_LT(a.head.find("X-Order: one"), a.head.find("A-Order: two"));
  EXPECT_EQ(a.field("content-length"), "10");
  EXPECT_EQ(a.field("x-request-id").size(), 32u);
  EXPECT_THAT(a.field("date"),
              ::testing::MatchesRegex("[A-Z][a-z]+, [0-9]+ [A-Z][a-z]+ [0-9]+ [0-9:]+ GMT"));
  EXPECT_EQ(a.field("date").size(), 29u);
  EXPECT_EQ(a.head.find("content-type"), std::string::npos);
  EXPECT_EQ(a.head.find("connection"), std::string::npos);
}

TEST(Server, keeps_the_connection_and_names_every_request) {
  LoopbackServer server(patient(), echo);
  RawConnection c(server.port());
  std::set<std::string> ids;
  for (int i = 0; i < 40; ++i) {
    ids.insert(c.exchange(kGet).field("x-request-id"));
  }
  EXPECT_EQ(ids.size(), 40u);
}

TEST(Server, takes_no_request_id_from_the_client) {
  LoopbackServer server(patient(), [](Request r) -> Task<Response> {
    co_return text_response(200, "", r.id.text());
  });
  RawConnection c(server.port());
  const auto a = c.exchange("GET / HTTP/1.1\r\nX-Request-Id: mine\r\n\r\n");
  EXPECT_EQ(a.body, a.field("x-request-id"));
  EXPECT_NE(a.body, "mine");
}

TEST(Server, answers_pipelined_requests_in_order) {
  LoopbackServer server(patient(), echo);
  RawConnection c(server.port());
  std::string all;
  for (int i = 0; i < 50; ++i) {
    all += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n\r\n";
  }
  c.send(all);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(c.receive().body, "GET /" + std::to_string(i) + "\n");
  }
}

TEST(Server, reads_a_request_that_comes_byte_by_byte) {
  LoopbackServer server(patient(), echo);
  RawConnection c(server.port());
  for (const char b : post("slow but sure")) {
    ASSERT_TRUE(c.send(std::string_view(&b, 1)));
  }
  EXPECT_EQ(c.receive().body, "POST /p\nslow but sure");
}

TEST(Server, reads_chunked_bodies_and_the_request_after_them) {
  LoopbackServer server(patient(), echo);
  RawConnection c(server.port());
  c.send(
      "POST /p HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwiki\r\n5\r\npedia\r\n0\r\n\r\n" +
      kGet);
  EXPECT_EQ(c.receive().body, "POST /p\nwikipedia");
  EXPECT_EQ(c.receive().body, "GET /x\n");
}

TEST(Server, accepts_a_head_of_exactly_the_limit_and_answers_431_one_byte_past_it) {
  CASE("KBS-H6");
  ServerConfig config;
  const std::size_t limit = config.limits.head_bytes;
  EXPECT_EQ(limit, 320u << 10) << "room for a bearer token of 256 KiB";
  LoopbackServer server(std::move(config), echo);
  const std::string rest = "GET / HTTP/1.1\r\nA: \r\n\r\n";
  const auto head = [&](std::size_t size) {
    return "GET / HTTP/1.1\r\nA: " + std::string(size - rest.size(), 't') + "\r\n\r\n";
  };
  RawConnection c(server.port());
  EXPECT_EQ(c.exchange(head(limit)).status, 200);
  const auto over = c.exchange(head(limit + 1));
  EXPECT_EQ(over.status, 431);
  EXPECT_EQ(over.body, "");
  EXPECT_EQ(over.field("connection"), "close");
  EXPECT_TRUE(c.ended());
}

TEST(Server, answers_408_when_the_head_does_not_come) {
  ServerConfig config = patient();
  config.limits.head_timeout = kShort;
  LoopbackServer server(std::move(config), echo);
  RawConnection silent(server.port());
  RawConnection slow(server.port());
  slow.send("GET / HT");
  EXPECT_EQ(silent.receive().status, 408);
  const auto a = slow.receive();
  EXPECT_EQ(a.status, 408);
  EXPECT_EQ(a.body, "");
  EXPECT_TRUE(slow.ended());
}

TEST(Server, answers_408_when_the_body_does_not_come) {
  ServerConfig config = patient();
  config.limits.body_timeout = kShort;
  LoopbackServer server(std::move(config), echo);
  RawConnection c(server.port());
  c.send("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab");
  EXPECT_EQ(c.receive().status, 408);
}

TEST(Server, closes_an_idle_connection_without_a_word) {
  ServerConfig config = patient();
  config.limits.keep_alive_timeout = kShort;
  LoopbackServer server(std::move(config), echo);
  RawConnection c(server.port());
  EXPECT_EQ(c.exchange(kGet).status, 200);
  EXPECT_TRUE(c.ended());
}

TEST(Server, answers_400_and_closes_on_ambiguous_or_malformed_requests) {
  LoopbackServer server(patient(), echo);
  for (const std::string& request : {
           std::string("POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: "
                       "chunked\r\n\r\n0\r\n\r\n"),
           std::string("POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
           std::string("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
           std::string("GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nA: \0\r\n\r\n", 24),
           std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11),
       }) {
    RawConnection c(server.port());
    const auto a = c.exchange(request);
    EXPECT_EQ(a.status, 400) << request;
    EXPECT_EQ(a.body, "");
    EXPECT_TRUE(c.ended());
  }
}

TEST(Server, answers_501_to_other_transfer_codings) {
  LoopbackServer server(patient(), echo);
  RawConnection c(server.port());
  EXPECT_EQ(c.exchange("POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n").status, 501);
}

TEST(Server, says_continue_when_it_wants_the_body) {
  LoopbackServer server(patient(), echo);
  RawConnection c(server.port());
  c.send("POST /p HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(c.receive().status, 100);
  c.send("ok");
  EXPECT_EQ(c.receive().body, "POST /p\nok");
}

TEST(Server, refuses_an_announced_body_past_the_limit_instead_of_saying_continue) {
  LoopbackServer server(patient(), echo);
  RawConnection c(server.port());
  c.send("POST /p HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2097153\r\n\r\n");
  EXPECT_EQ(c.receive().status, 413);
}

TEST(Server, speaks_http_1_0) {
  LoopbackServer server(patient(), echo);
  RawConnection closing(server.port());
  EXPECT_EQ(closing.exchange("GET /x HTTP/1.0\r\n\r\n").field("connection"), "close");
  EXPECT_TRUE(closing.ended());
  RawConnection kept(server.port());
  const std::string request = "GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
  EXPECT_EQ(kept.exchange(request).field("connection"), "keep-alive");
  EXPECT_EQ(kept.exchange(request).status, 200);
}

TEST(Server, sends_no_body_to_HEAD_and_with_204) {
  LoopbackServer server(patient(), [](Request r) -> Task<Response> {
    co_return text_response(r.target == "/204" ? 204 : 200, "", "body");
  });
  RawConnection c(server.port());
  c.send("HEAD / HTTP/1.1\r\n\r\n");
  const auto head = c.receive(true);
  EXPECT_EQ(head.field("content-length"), "4");
  const auto none = c.exchange("GET /204 HTTP/1.1\r\n\r\n");
  EXPECT_EQ(none.status, 204);
  EXPECT_EQ(none.field("content-length"), "");
  EXPECT_EQ(c.exchange("GET / HTTP/1.1\r\n\r\n").body, "body");
}

TEST(Server, drops_fields_that_would_split_its_answer) {
  LoopbackServer server(patient(), [](Request) -> Task<Response> {
    Response r;
    r.headers.add("X-Bad", "a\r\nInjected: yes");
    r.headers.add("Transfer-Encoding", "chunked");
    r.headers.add("X-Good", "b");
    co_return r;
  });
  RawConnection c(server.port());
  const auto a = c.exchange(kGet);
  EXPECT_EQ(a.head.find("Injected"), std::string::npos);
  EXPECT_EQ(a.head.find("Transfer"), std::string::npos);
  EXPECT_NE(a.head.find("X-Good: b"), std::string::npos);
}

TEST(Server, turns_an_exception_of_the_handler_into_500_and_serves_on) {
  LoopbackServer server(patient(), [](Request r) -> Task<Response> {
    if (r.target == "/throw") throw std::runtime_error("library");
    co_return Response{};
  });
  RawConnection c(server.port());
  EXPECT_EQ(c.exchange("GET /throw HTTP/1.1\r\n\r\n").status, 500);
  EXPECT_EQ(c.exchange(kGet).status, 200);
}

TEST(Server, tells_every_exchange) {
  std::mutex mutex;
  std::vector<Exchange> seen;
  ServerConfig config = patient();
  config.on_exchange = [&](const Exchange& e) {
    const std::lock_guard lock(mutex);
    seen.push_back(e);
  };
  LoopbackServer server(std::move(config), echo);
  {
    RawConnection c(server.port());
    c.exchange(
        "POST /p?q=hush&a?b HTTP/1.1\r\nReferer: https://h/r?t=hush\r\nUser-Agent: "
        "u\r\nContent-Length: 3\r\n\r\nabc");
    c.exchange("bad\r\n\r\n");
    EXPECT_TRUE(c.ended());
  }
  const std::lock_guard lock(mutex);
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0].peer_address, "127.0.0.1");
  EXPECT_EQ(seen[0].request_line, "POST /p?... HTTP/1.1");
  EXPECT_EQ(seen[0].path, "/p");
  EXPECT_EQ(seen[0].status, 200);
  EXPECT_EQ(seen[0].request_bytes, 3u);
  EXPECT_EQ(seen[0].response_bytes, 22u);
  EXPECT_EQ(seen[0].referer, "https://h/r?...");
  EXPECT_EQ(seen[0].user_agent, "u");
  EXPECT_TRUE(seen[0].delivered);
  EXPECT_EQ(seen[1].status, 400);
  EXPECT_EQ(seen[1].request_line, "");
}

TEST(Server, refuses_bad_socket_addresses) {
  for (const char* bad : {"localhost:8080", "127.0.0.1", "127.0.0.1:", ":8080", "::1:80",
                          "[127.0.0.1]:80", "127.0.0.1:65536", "127.0.0.1:8x"}) {
    ServerConfig config;
    config.sockets = {bad};
    const auto r = Server::create(std::move(config), echo);
    ASSERT_FALSE(r.ok()) << bad;
    EXPECT_TRUE(r.error().is(Errc::address_invalid)) << bad;
  }
}

TEST(Server, reports_a_port_in_use) {
  LoopbackServer server(patient(), echo);
  ServerConfig config;
  config.sockets = {"127.0.0.1:" + std::to_string(server.port())};
  const auto r = Server::create(std::move(config), echo);
  ASSERT_FALSE(r.ok());
  EXPECT_TRUE(r.error().is(Errc::bind_failed));
}

}  // namespace
}  // namespace trustee::net

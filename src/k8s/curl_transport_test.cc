#include "k8s/curl_transport.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "k8s/watch_frames.h"
#include "tests/support/case.h"
#include "tests/support/fixed_clock.h"
#include "tests/support/loopback.h"
#include "tests/support/loopback_listener.h"
#include "tests/support/scripted_peer.h"
#include "tests/support/secret_access.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_certificates.h"

namespace trustee::k8s {
namespace {

using Then = ScriptedReply::Then;
using std::chrono::seconds;

constexpr std::string_view kUnauthorised =
    R"({"kind":"Status","status":"Failure","reason":"Unauthorized","code":401})";

/// Answers with the token it was asked with; only `accepted` is let in.
ScriptedReply only_with(const SeenRequest& request, const std::string& accepted) {
  if (request.field("Authorization") != "Bearer " + accepted) return scripted(401, kUnauthorised);
  return scripted(200, R"({"token":")" + accepted + R"("})");
}

class Transported : public ::testing::Test {
 protected:
  std::unique_ptr<CurlTransport> connect(const ScriptedPeer& peer, TransportLimits limits = {}) {
    Access access;
    access.server = peer.url();
    access.token.path = dir_ / "token";
    return connect(std::move(access), limits);
  }
  std::unique_ptr<CurlTransport> connect(Access access, TransportLimits limits = {}) {
    auto made = Credentials::create(std::move(access), clock_);
    if (!made.ok()) std::abort();
    credentials_ = std::move(*made);
    return std::make_unique<CurlTransport>(*credentials_, "test/1", limits);
  }
  static std::string outcome(const Result<HttpAnswer>& answer) {
    if (!answer.ok()) return std::string(answer.error().code().name());
    return std::to_string(answer->status) + ' ' + answer->body;
  }

  TempDir dir_;
  FixedClock clock_{from_unix_seconds(1'800'000'000)};
  std::unique_ptr<Credentials> credentials_;
  std::stop_source stop_;
};

TEST_F(Transported, a_replaced_token_is_taken_at_once_after_a_401) {
  CASE("OP-92");
  write_file(dir_ / "token", "first\n");
  std::string accepted = "first";
  ScriptedPeer peer([&](const SeenRequest& r) { return only_with(r, accepted); });
  const auto transport = connect(peer);
  EXPECT_EQ(outcome(transport->exchange({.target = "/x"}, stop_.get_token())),
            R"(200 {"token":"first"})");
  accepted = "second";
  write_file(dir_ / "token", "second\n");
  EXPECT_EQ(outcome(transport->exchange({.target = "/x"}, stop_.get_token())),
            R"(200 {"token":"second"})");
  EXPECT_EQ(peer.seen().size(), 3U);
}

TEST_F(Transported, a_token_that_stays_refused_is_tried_once) {
  write_file(dir_ / "token", "wrong");
  ScriptedPeer peer([](const SeenRequest& r) { return only_with(r, "right"); });
  const auto transport = connect(peer);
  EXPECT_EQ(outcome(transport->exchange({.target = "/x"}, stop_.get_token())),
            "401 " + std::string(kUnauthorised));
  EXPECT_EQ(peer.seen().size(), 1U);
}

TEST_F(Transported, a_client_certificate_replaced_on_disk_is_tried_once_after_a_401) {
  write_file(dir_ / "tls.crt", "first");
  write_file(dir_ / "tls.key", "first");
  ScriptedPeer peer([](const SeenRequest&) { return scripted(401, kUnauthorised); });
  Access access;
  access.server = peer.url();
  access.certificate.path = dir_ / "tls.crt";
  access.key.path = dir_ / "tls.key";
  const auto transport = connect(std::move(access));
  const auto ask = [&] { return outcome(transport->exchange({.target = "/"}, stop_.get_token())); };
  EXPECT_EQ(ask(), "401 " + std::string(kUnauthorised));
  EXPECT_EQ(peer.seen().size(), 1U);
  write_file(dir_ / "tls.crt", "second");
  EXPECT_EQ(ask(), "401 " + std::string(kUnauthorised));
  EXPECT_EQ(peer.seen().size(), 3U);
  EXPECT_EQ(credentials_->tls()->certificate, "second");
  EXPECT_EQ(ask(), "401 " + std::string(kUnauthorised));
  EXPECT_EQ(peer.seen().size(), 4U);
}

TEST_F(Transported, the_token_file_is_read_again_after_a_minute) {
  write_file(dir_ / "token", "first");
  ScriptedPeer peer([](const SeenRequest&) { return scripted(200, "{}"); });
  const auto transport = connect(peer);
  write_file(dir_ / "token", "second");
  const auto ask = [&] {
    (void)transport->exchange({.target = "/x"}, stop_.get_token());
    return peer.seen().back().field("Authorization");
  };
  EXPECT_EQ(ask(), "Bearer first");
  clock_.advance(seconds(59));
  EXPECT_EQ(ask(), "Bearer first");
  clock_.advance(seconds(1));
  EXPECT_EQ(ask(), "Bearer second");
  std::filesystem::remove(dir_ / "token");
  clock_.advance(seconds(60));
  EXPECT_EQ(ask(), "Bearer second");
}

TEST_F(Transported, sends_what_the_request_says_and_nothing_of_its_own) {
  ScriptedPeer peer([](const SeenRequest&) { return scripted(201, "{}"); });
  Access access;
  access.server = peer.url() + "/prefix";
  access.user = "me";
  access.password = SecretText("pw");
  const auto transport = connect(std::move(access));
  HttpRequest request;
  request.method = "PATCH";
  request.target = "/apis/a?b=%2F";
  request.content_type = "application/apply-patch+yaml";
  request.body = "{}";
  EXPECT_EQ(outcome(transport->exchange(request, stop_.get_token())), "201 {}");
  EXPECT_EQ(
      peer.seen().front().head,
      "PATCH /prefix/apis/a?b=%2F HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(peer.port()) +
          "\r\nUser-Agent: test/1\r\nAccept: application/json\r\n"
          "Content-Type: application/apply-patch+yaml\r\nAuthorization: Basic bWU6cHc=\r\n"
          "Content-Length: 2\r\n\r\n");
  EXPECT_EQ(peer.seen().front().body, "{}");
}

TEST_F(Transported, tells_how_long_to_wait) {
  ScriptedPeer peer([](const SeenRequest&) { return scripted(429, "{}", "Retry-After: 7\r\n"); });
  write_file(dir_ / "token", "t");
  const auto answer = connect(peer)->exchange({.target = "/"}, stop_.get_token());
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->retry_after, seconds(7));
}

TEST_F(Transported, an_answer_of_exactly_the_limit_is_taken_and_one_byte_more_refused) {
  ScriptedPeer peer([](const SeenRequest& r) {
    return scripted(200, std::string(r.target == "/limit" ? 1000 : 1001, 'x'));
  });
  write_file(dir_ / "token", "t");
  const auto transport = connect(peer, {.answer_bytes = 1000});
  EXPECT_TRUE(transport->exchange({.target = "/limit"}, stop_.get_token()).ok());
  EXPECT_EQ(outcome(transport->exchange({.target = "/beyond"}, stop_.get_token())),
            "answer_too_large");
}

TEST_F(Transported, nobody_there_is_unavailable) {
  std::uint16_t port = 0;
  {
    ScriptedPeer gone([](const SeenRequest&) { return scripted(200, "{}"); });
    port = gone.port();
  }
  Access access;
  access.server = "http://127.0.0.1:" + std::to_string(port);
  EXPECT_EQ(outcome(connect(std::move(access))->exchange({.target = "/"}, stop_.get_token())),
            "unavailable");
}

TEST_F(Transported, a_peer_that_closes_without_an_answer_is_unavailable) {
  ScriptedPeer peer([](const SeenRequest&) { return ScriptedReply{{}, Then::close}; });
  write_file(dir_ / "token", "t");
  EXPECT_EQ(outcome(connect(peer)->exchange({.target = "/"}, stop_.get_token())), "unavailable");
}

/// What came through a stream and how it ended.
struct Streamed {
  std::string text;
  std::string end;
};
Streamed streamed(Transport& transport, const std::stop_token& stop) {
  Streamed out;
  const auto answer = transport.stream(
      {.target = "/w"},
      [&out](std::string_view piece) {
        out.text += piece;
        return true;
      },
      stop);
  out.end = answer.ok() ? std::to_string(answer->status) + ' ' + answer->body
                        : std::string(answer.error().code().name());
  return out;
}

TEST_F(Transported, streams_a_body_to_its_end) {
  const std::string large(2U << 20U, 'x');
  ScriptedPeer peer([&](const SeenRequest&) { return scripted_stream({"a", "bc", large}); });
  write_file(dir_ / "token", "t");
  const Streamed got = streamed(*connect(peer, {.answer_bytes = 1000}), stop_.get_token());
  EXPECT_EQ(got.text, "abc" + large);
  EXPECT_EQ(got.end, "200 ");
}

TEST_F(Transported, a_stream_closed_before_its_end_was_cut) {
  ScriptedPeer peer([](const SeenRequest&) { return scripted_stream({"a"}, Then::close); });
  write_file(dir_ / "token", "t");
  const Streamed got = streamed(*connect(peer), stop_.get_token());
  EXPECT_EQ(got.text, "a");
  EXPECT_EQ(got.end, "watch_cut");
}

TEST_F(Transported, a_silent_stream_is_dead_after_the_limit) {
  ScriptedPeer peer([](const SeenRequest&) { return scripted_stream({"a"}, Then::hold); });
  write_file(dir_ / "token", "t");
  const Streamed got = streamed(*connect(peer, {.silence = seconds(1)}), stop_.get_token());
  EXPECT_EQ(got.text, "a");
  EXPECT_EQ(got.end, "watch_cut");
}

TEST_F(Transported, a_stop_ends_a_stream) {
  ScriptedPeer peer([this](const SeenRequest&) {
    stop_.request_stop();
    return scripted_stream({"a"}, Then::hold);
  });
  write_file(dir_ / "token", "t");
  EXPECT_EQ(streamed(*connect(peer), stop_.get_token()).end, "stopped");
}

TEST_F(Transported, a_refused_stream_gives_its_answer_and_nothing_to_the_sink) {
  ScriptedPeer peer([](const SeenRequest&) { return scripted(410, R"({"code":410})"); });
  write_file(dir_ / "token", "t");
  const Streamed got = streamed(*connect(peer), stop_.get_token());
  EXPECT_EQ(got.text, "");
  EXPECT_EQ(got.end, R"(410 {"code":410})");
}

TEST_F(Transported, a_sink_that_had_enough_ends_the_stream_in_order) {
  ScriptedPeer peer([](const SeenRequest&) { return scripted_stream({"a", "b"}, Then::hold); });
  write_file(dir_ / "token", "t");
  const auto answer = connect(peer)->stream(
      {.target = "/w"}, [](std::string_view) { return false; }, stop_.get_token());
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->status, 200);
}

/// `NAME.crt` and `NAME.key` of an authority, served.
net::ServerConfig tls_with(const TestAuthority& authority) {
  net::ServerConfig out;
  net::TlsConfig tls;
  tls.certificate_file = authority.certificate_file("server");
  tls.private_key_file = authority.key_file("server");
  out.tls = std::move(tls);
  return out;
}

net::Task<net::Response> says_ok(net::Request) { co_return net::text_response(200, "", "ok"); }

TEST_F(Transported, the_authority_is_read_again_when_it_does_not_fit) {
  TestAuthority before;
  TestAuthority now;
  now.issue("server");
  LoopbackServer server(tls_with(now), says_ok);
  write_file(dir_ / "ca.crt", text_of_file(before.certificate_file("root")));
  Access access;
  access.server = "https://127.0.0.1:" + std::to_string(server.port());
  access.authority.path = dir_ / "ca.crt";
  const auto transport = connect(std::move(access));
  EXPECT_EQ(outcome(transport->exchange({.target = "/"}, stop_.get_token())), "peer_not_trusted");
  write_file(dir_ / "ca.crt", text_of_file(now.certificate_file("root")));
  EXPECT_EQ(outcome(transport->exchange({.target = "/"}, stop_.get_token())), "200 ok");
}

/// Accepts connections and closes them at once, as a load balancer without a server behind it.
class ClosingPeer {
 public:
  ClosingPeer() : acceptor_([this] { close_all(); }) {}
  ~ClosingPeer() {
    ::shutdown(listener_.fd(), SHUT_RDWR);  // ends the accept
  }
  ClosingPeer(const ClosingPeer&) = delete;
  ClosingPeer& operator=(const ClosingPeer&) = delete;

  std::string url() const { return "https://127.0.0.1:" + std::to_string(listener_.port()); }
  /// Connections so far.
  int accepted() const { return accepted_; }

 private:
  void close_all() {
    while (true) {
      const int fd = ::accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) return;
      ++accepted_;
      ::close(fd);
    }
  }

  LoopbackListener listener_;
  std::atomic<int> accepted_ = 0;
  std::jthread acceptor_;  ///< last: ends before what it uses
};

TEST_F(Transported, a_handshake_that_breaks_off_is_unavailable_after_the_authority_was_read_again) {
  TestAuthority before;
  TestAuthority now;
  ClosingPeer peer;
  write_file(dir_ / "ca.crt", before.root_pem());
  Access access;
  access.server = peer.url();
  access.authority.path = dir_ / "ca.crt";
  const auto transport = connect(std::move(access));
  EXPECT_EQ(outcome(transport->exchange({.target = "/"}, stop_.get_token())), "unavailable");
  EXPECT_EQ(peer.accepted(), 1);
  write_file(dir_ / "ca.crt", now.root_pem());
  EXPECT_EQ(outcome(transport->exchange({.target = "/"}, stop_.get_token())), "unavailable");
  EXPECT_EQ(peer.accepted(), 3);
  EXPECT_EQ(credentials_->tls()->authority, now.root_pem());
}

TEST_F(Transported, an_empty_authority_or_certificate_file_is_refused) {
  write_file(dir_ / "empty", "");
  for (TextSource Access::* file : {&Access::authority, &Access::certificate}) {
    Access access;
    access.server = "https://127.0.0.1:1";
    (access.*file).path = dir_ / "empty";
    const auto made = Credentials::create(std::move(access), clock_);
    ASSERT_FALSE(made.ok());
    EXPECT_TRUE(made.error().is(Errc::credentials_unreadable));
  }
}

TEST_F(Transported, an_authority_file_emptied_later_is_not_taken) {
  TestAuthority authority;
  write_file(dir_ / "ca.crt", text_of_file(authority.certificate_file("root")));
  Access access;
  access.server = "https://127.0.0.1:1";
  access.authority.path = dir_ / "ca.crt";
  const auto credentials = Credentials::create(std::move(access), clock_);
  ASSERT_TRUE(credentials.ok());
  const auto before = (*credentials)->tls();
  write_file(dir_ / "ca.crt", "");
  EXPECT_FALSE((*credentials)->renew_tls(before));
  EXPECT_EQ((*credentials)->tls(), before);
}

TEST_F(Transported, the_server_is_known_by_the_name_that_the_kubeconfig_gives) {
  TestAuthority authority;
  authority.issue("server");
  LoopbackServer server(tls_with(authority), says_ok);
  const auto with_name = [&](std::string name) {
    Access access;
    access.server = "https://127.0.0.1:" + std::to_string(server.port());
    access.authority.path = authority.certificate_file("root");
    access.server_name = std::move(name);
    return outcome(connect(std::move(access))->exchange({.target = "/"}, stop_.get_token()));
  };
  EXPECT_EQ(with_name("localhost"), "200 ok");
  EXPECT_EQ(with_name("kubernetes"), "peer_not_trusted");
}

}  // namespace
}  // namespace trustee::k8s

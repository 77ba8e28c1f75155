#include "net/client.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <thread>

#include "tests/support/loopback.h"
#include "tests/support/test_certificates.h"

namespace trustee::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Shows the request as the server saw it, or does what the path says.
Task<Response> server_side(Request r) {
  if (r.target.starts_with("/redirect/")) {
    const int left = std::atoi(r.target.c_str() + 10);
    Response out;
    out.status = 302;
    out.headers.add("Location", left == 0 ? "/end" : "/redirect/" + std::to_string(left - 1));
    co_return out;
  }
  if (r.target.starts_with("/https/")) {
    Response out;
    out.status = 302;
    out.headers.add("Location", "https://" + r.target.substr(7) + "/end");
    co_return out;
  }
  if (r.target == "/moved") {
    Response out;
    out.status = 307;
    out.headers.add("Location", "/end");
    co_return out;
  }
  if (r.target == "/large") co_return text_response(200, "", std::string(1001, 'x'));
  if (r.target == "/slow") co_await sleep_for(seconds(20));
  if (r.target == "/404") co_return text_response(404, "text/plain", "no");
  if (r.target == "/cookies") {
    Response out;
    out.headers.add("Set-Cookie", "a=1");
    out.headers.add("Set-Cookie", "b=2");
    out.headers.add("X-Empty", "");
    out.headers.add("X-Blanks", " \t");
    co_return out;
  }
  std::string text = r.method + ' ' + r.target + '\n';
  for (const auto& h : r.headers) {
    text += h.name + ": " + h.value + '\n';
  }
  text += "port " + std::to_string(r.peer.port) + '\n';
  text += as_text(r.body);
  co_return text_response(200, "", text);
}

std::unique_ptr<HttpClient> plain_client() {
  ClientConfig c;
  c.allow_http = true;
  c.user_agent = "test/1";
  return HttpClient::create(std::move(c)).value();
}

Deadline soon() { return Deadline::after(seconds(10)); }

class Client : public ::testing::Test {
 protected:
  Client() : server_(ServerConfig(), server_side), client_(plain_client()) {}
  ClientRequest to(const std::string& path) const {
    ClientRequest r;
    r.url = server_.url(path);
    return r;
  }
  void expect_refused(const ClientRequest& r, Errc why, Deadline d = soon()) const {
    const auto answer = client_->perform(r, d);
    ASSERT_FALSE(answer.ok()) << r.url;
    EXPECT_TRUE(answer.error().is(why)) << r.url << ' ' << answer.error().to_string();
  }
  LoopbackServer server_;
  std::unique_ptr<HttpClient> client_;
};

std::string text(const Result<ClientResponse>& r) {
  return r.ok() ? std::string(as_text(r->body)) : r.error().to_string();
}
std::string without_port(std::string s) {
  const auto at = s.find("port ");
  return s.erase(at, s.find('\n', at) + 1 - at);
}

TEST_F(Client, sends_exactly_the_fields_it_was_given) {
  ClientRequest r = to("/a%2Fb/../c?x=%20");
  r.headers.add("Accept", "application/json");
  r.headers.add("X-Empty", "");
  r.headers.add("Cookie", "kbs-session-id=1; b=2");
  const std::string host = "Host: 127.0.0.1:" + std::to_string(server_.port()) + '\n';
  EXPECT_EQ(without_port(text(client_->perform(r, soon()))),
            "GET /a%2Fb/../c?x=%20\n" + host +
                "User-Agent: test/1\nAccept: application/json\nX-Empty: \n"
                "Cookie: kbs-session-id=1; b=2\n");
}

TEST_F(Client, sends_bodies_with_any_method_and_adds_no_content_type) {
  for (const char* method : {"POST", "PUT", "DELETE", "GET"}) {
    ClientRequest r = to("/p");
    r.method = method;
    r.body = to_vec(as_bytes("body"));
    const std::string seen = text(client_->perform(r, soon()));
    EXPECT_TRUE(seen.starts_with(std::string(method) + " /p\n")) << seen;
    EXPECT_TRUE(seen.ends_with("\nbody")) << seen;
    EXPECT_NE(seen.find("Content-Length: 4\n"), std::string::npos) << seen;
    EXPECT_EQ(seen.find("Content-Type"), std::string::npos) << seen;
    EXPECT_EQ(seen.find("Expect"), std::string::npos) << seen;
  }
}

TEST_F(Client, posts_an_empty_body_with_its_length) {
  ClientRequest r = to("/p");
  r.method = "POST";
  EXPECT_NE(text(client_->perform(r, soon())).find("Content-Length: 0\n"), std::string::npos);
}

TEST_F(Client, sends_DELETE_without_a_body) {
  ClientRequest r = to("/d");
  r.method = "DELETE";
  EXPECT_EQ(text(client_->perform(r, soon())).find("Content-Length"), std::string::npos);
}

TEST_F(Client, takes_every_status_as_an_answer) {
  const auto a = client_->perform(to("/404"), soon());
  ASSERT_TRUE(a.ok());
  EXPECT_EQ(a->status, 404);
  EXPECT_EQ(text(a), "no");
  EXPECT_EQ(*a->headers.find("Content-Type"), "text/plain");
}

TEST_F(Client, keeps_repeated_fields_apart_and_no_cookies) {
  const auto a = client_->perform(to("/cookies"), soon());
  ASSERT_TRUE(a.ok());
  EXPECT_EQ(a->headers.all("set-cookie"), (std::vector<std::string_view>{"a=1", "b=2"}));
  EXPECT_EQ(text(client_->perform(to("/x"), soon())).find("Cookie"), std::string::npos);
}

TEST_F(Client, reads_a_field_without_a_value_as_empty) {
  const auto a = client_->perform(to("/cookies"), soon());
  ASSERT_TRUE(a.ok());
  for (const char* name : {"X-Empty", "X-Blanks"}) {
    const std::string* const value = a->headers.find(name);
    ASSERT_NE(value, nullptr) << name;
    EXPECT_EQ(*value, "") << name;
  }
}

TEST_F(Client, uses_its_connection_again) {
  const auto port_line = [&] {
    const std::string s = text(client_->perform(to("/x"), soon()));
    return s.substr(s.find("port "));
  };
  EXPECT_EQ(port_line(), port_line());
}

TEST_F(Client, accepts_an_answer_of_exactly_the_limit_and_refuses_one_byte_more) {
  ClientRequest r = to("/large");
  r.max_response_bytes = 1001;
  EXPECT_TRUE(client_->perform(r, soon()).ok());
  r.max_response_bytes = 1000;
  expect_refused(r, Errc::response_too_large);
}

TEST_F(Client, follows_redirects_only_when_asked_and_only_so_many) {
  ClientRequest r = to("/redirect/2");
  const auto not_followed = client_->perform(r, soon());
  ASSERT_TRUE(not_followed.ok());
  EXPECT_EQ(not_followed->status, 302);
  r.max_redirects = 3;
  const auto followed = client_->perform(r, soon());
  ASSERT_TRUE(followed.ok());
  EXPECT_TRUE(text(followed).starts_with("GET /end\n"));
  EXPECT_EQ(followed->url, server_.url("/end"));
  EXPECT_EQ(followed->headers.find("Location"), nullptr);
  r.max_redirects = 2;
  expect_refused(r, Errc::too_many_redirects);
}

TEST_F(Client, follows_redirects_with_the_method_that_they_leave) {
  struct Row {
    const char* method;
    const char* path;
    const char* followed_with;
    bool body_sent_again;
  };
  for (const Row& row :
       {Row{"POST", "/redirect/0", "GET", false}, Row{"PUT", "/redirect/0", "PUT", false},
        Row{"DELETE", "/redirect/0", "DELETE", false}, Row{"POST", "/moved", "POST", true},
        Row{"PUT", "/moved", "PUT", true}}) {
    ClientRequest r = to(row.path);
    r.method = row.method;
    r.body = to_vec(as_bytes("body"));
    r.max_redirects = 1;
    const std::string seen = text(client_->perform(r, soon()));
    EXPECT_TRUE(seen.starts_with(std::string(row.followed_with) + " /end\n")) << seen;
    EXPECT_EQ(seen.ends_with("\nbody"), row.body_sent_again) << row.method << seen;
  }
}

TEST_F(Client, stops_at_its_deadline) {
  expect_refused(to("/slow"), Errc::timed_out, Deadline::after(milliseconds(50)));
  expect_refused(to("/x"), Errc::timed_out, Deadline::after(milliseconds(-1)));
}

TEST_F(Client, stops_when_it_is_asked_to) {
  std::stop_source stop;
  ClientRequest r = to("/slow");
  r.stop = stop.get_token();
  stop.request_stop();
  expect_refused(r, Errc::transfer_failed);
  r.url = server_.url("/end");
  r.stop = {};
  EXPECT_TRUE(client_->perform(r, soon()).ok());
}

TEST_F(Client, refuses_urls_and_fields_it_must_not_send) {
  ClientRequest r;
  for (const char* url : {"", "file:///etc/passwd", "127.0.0.1", "ftp://127.0.0.1/"}) {
    r.url = url;
    expect_refused(r, Errc::url_invalid);
  }
  r = to("/x");
  r.headers.add("X", "a\r\nInjected: b");
  expect_refused(r, Errc::header_invalid);
  r = to("/x");
  r.method = "GET / HTTP/1.1\r\nX: ";
  expect_refused(r, Errc::header_invalid);
}

TEST_F(Client, speaks_https_only_unless_told_otherwise) {
  const auto strict = HttpClient::create({}).value();
  const auto a = strict->perform(to("/x"), soon());
  ASSERT_FALSE(a.ok());
  EXPECT_TRUE(a.error().is(Errc::scheme_refused));
}

TEST_F(Client, reports_a_server_that_is_not_there) {
  std::uint16_t port = 0;
  {
    LoopbackServer gone(ServerConfig(), server_side);
    port = gone.port();
  }
  ClientRequest r;
  r.url = "http://127.0.0.1:" + std::to_string(port) + "/";
  expect_refused(r, Errc::connect_failed);
}

class HttpsClient : public ::testing::Test {
 protected:
  HttpsClient() {
    authority_.issue("server");
    ServerConfig c;
    c.tls.emplace();
    c.tls->certificate_file = authority_.certificate_file("server");
    c.tls->private_key_file = authority_.key_file("server");
    server_ = std::make_unique<LoopbackServer>(std::move(c), server_side);
    request_.url = "https://127.0.0.1:" + std::to_string(server_->port()) + "/x";
  }
  Result<ClientResponse> ask(ClientConfig config) {
    return HttpClient::create(std::move(config)).value()->perform(request_, soon());
  }
  TestAuthority authority_;
  std::unique_ptr<LoopbackServer> server_;
  ClientRequest request_;
};

TEST_F(HttpsClient, trusts_the_extra_roots_with_or_without_the_systems) {
  ClientConfig c;
  c.extra_roots_pem = authority_.root_pem();
  EXPECT_TRUE(ask(c).ok());
  c.system_roots = false;
  EXPECT_TRUE(ask(c).ok());
}

TEST_F(HttpsClient, refuses_a_server_nobody_vouches_for) {
  const TestAuthority stranger;
  for (const std::string& roots : {std::string(), stranger.root_pem()}) {
    ClientConfig c;
    c.extra_roots_pem = roots;
    const auto a = ask(c);
    ASSERT_FALSE(a.ok());
    EXPECT_TRUE(a.error().is(Errc::peer_not_trusted)) << a.error().to_string();
  }
}

TEST_F(HttpsClient, tells_a_server_that_speaks_no_TLS_from_one_it_does_not_trust) {
  LoopbackServer plain(ServerConfig(), server_side);
  request_.url = "https://127.0.0.1:" + std::to_string(plain.port()) + "/x";
  const auto no_tls = ask({});
  ASSERT_FALSE(no_tls.ok());
  EXPECT_TRUE(no_tls.error().is(Errc::connect_failed)) << no_tls.error().to_string();
}

/// Another server with the certificate of the first, at another address.
class AtAnotherAddress : public HttpsClient {
 protected:
  AtAnotherAddress() {
    ServerConfig other;
    other.tls.emplace();
    other.tls->certificate_file = authority_.certificate_file("server");
    other.tls->private_key_file = authority_.key_file("server");
    other.sockets = {"127.0.0.2:0"};
    other_ = Server::create(std::move(other), server_side).value();
    runs_ = std::thread([this] { (void)other_->run(); });
    address_ = "127.0.0.2:" + std::to_string(other_->ports().front());
    trusting_.extra_roots_pem = authority_.root_pem();
  }
  ~AtAnotherAddress() override {
    other_->stop_now();
    runs_.join();
  }
  std::string refusal() {
    const auto a = ask(trusting_);
    return a.ok() ? "none" : std::string(a.error().code().id());
  }
  std::unique_ptr<Server> other_;
  std::thread runs_;
  std::string address_;
  ClientConfig trusting_;
};

TEST_F(AtAnotherAddress, a_certificate_for_another_host_is_refused) {
  request_.url = "https://" + address_ + "/x";
  EXPECT_EQ(refusal(), "net.peer_not_trusted");
}

TEST_F(AtAnotherAddress, a_redirect_is_to_the_host_it_names) {
  const std::string base = request_.url.substr(0, request_.url.size() - 2);
  request_.max_redirects = 1;
  request_.url = base + "/https/" + base.substr(8);
  EXPECT_EQ(refusal(), "none");
  request_.url = base + "/https/" + address_;
  EXPECT_EQ(refusal(), "net.peer_not_trusted");
}

TEST_F(HttpsClient, refuses_roots_that_are_not_PEM) {
  for (const std::string& pem :
       {std::string("not PEM"), authority_.root_pem() + "-----BEGIN CERTIFICATE-----\nAAAA\n"}) {
    ClientConfig c;
    c.extra_roots_pem = pem;
    const auto made = HttpClient::create(std::move(c));
    ASSERT_FALSE(made.ok());
    EXPECT_TRUE(made.error().is(Errc::trust_roots_invalid));
  }
}

TEST(PrivateChannel, is_https_or_this_machine_and_nothing_that_looks_like_it) {
  for (const char* url : {"https://kbs.example", "HTTPS://kbs.example:1/x", "http://localhost",
                          "http://localhost:8080/", "http://127.0.0.1:8080", "http://127.8.9.10?x",
                          "http://[::1]", "HTTP://[::1]:8080/a", "http://user:pass@localhost:1/"}) {
    EXPECT_TRUE(is_private_channel(url)) << url;
  }
  for (const char* url :
       {"http://kbs.example", "http://localhost:8080@kbs.example", "http://[::1]:8080@kbs.example/",
        "http://a@localhost@kbs.example", "http://127.0.0.1.example", "http://127.0.0.1:1@10.0.0.1",
        "http://localhost.example", "http://[::1].example", "http://[::1", "http://[::2]",
        "http://10.0.0.1", "http://kbs.example/@localhost", "http://kbs.example?@127.0.0.1",
        "http://0.0.0.0", "http://", "localhost", ""}) {
    EXPECT_FALSE(is_private_channel(url)) << url;
  }
}

TEST(ClientProxy, is_taken_from_the_environment) {
  LoopbackServer proxy(ServerConfig(), server_side);
  ::setenv("HTTP_PROXY", proxy.url("").c_str(), 1);
  const auto client = plain_client();
  ClientRequest r;
  r.url = "http://kbs.invalid/path";
  const auto a = client->perform(r, soon());
  ::unsetenv("HTTP_PROXY");
  EXPECT_TRUE(text(a).starts_with("GET http://kbs.invalid/path\n")) << text(a);
}

// What is sent there counts as private, an admin token among it.
TEST(ClientProxy, is_not_used_for_plain_HTTP_to_this_machine) {
  LoopbackServer proxy(ServerConfig(), server_side);
  LoopbackServer server(ServerConfig(), server_side);
  const std::string port = std::to_string(server.port());
  for (const char* variable : {"HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"}) {
    ::setenv(variable, proxy.url("").c_str(), 1);
    const auto client = plain_client();
    for (const char* host : {"127.0.0.1", "localhost", "kbs.invalid@127.0.0.1"}) {
      ClientRequest r;
      r.url = std::string("http://") + host + ':' + port + "/path";
      const auto a = client->perform(r, soon());
      EXPECT_TRUE(text(a).starts_with("GET /path\n")) << variable << ' ' << r.url << ' ' << text(a);
    }
    ::unsetenv(variable);
  }
}

}  // namespace
}  // namespace trustee::net

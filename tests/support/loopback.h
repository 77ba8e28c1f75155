#pragma once

// Servers of ours on loopback, and a raw connection to talk to them byte by byte.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "net/server.h"

namespace trustee {

/// A server on a free port, run by its own thread until destroyed or finished.
class LoopbackServer {
 public:
  LoopbackServer(net::ServerConfig config, net::Handler handler) {
    config.sockets = {"127.0.0.1:0"};
    if (config.workers == 0) config.workers = 2;
    auto made = net::Server::create(std::move(config), std::move(handler));
    if (!made.ok()) {
      ADD_FAILURE() << made.error().to_string();
      std::abort();
    }
    server_ = std::move(*made);
    thread_ = std::thread([this] { lost_ = server_->run(); });
  }
  ~LoopbackServer() {
    if (!thread_.joinable()) return;
    server_->stop_now();
    thread_.join();
  }
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  net::Server& operator*() { return *server_; }
  net::Server* operator->() { return server_.get(); }
  std::uint16_t port() const { return server_->ports().front(); }
  std::string url(std::string_view path) const {
    return "http://127.0.0.1:" + std::to_string(port()) + std::string(path);
  }
  /// Waits for run() to return. Shape: answers lost.
  std::size_t join() {
    thread_.join();
    return lost_;
  }

 private:
  std::unique_ptr<net::Server> server_;
  std::thread thread_;
  std::size_t lost_ = 0;
};

/// One answer as it stood on the wire.
struct RawAnswer {
  int status = 0;
  std::string head;  ///< status line and fields, final empty line included
  std::string body;
  /// The value of a field, name in lower case as our server writes it; empty when absent.
  std::string field(std::string_view name) const {
    const std::string key = "\r\n" + std::string(name) + ": ";
    const auto at = head.find(key);
    if (at == std::string::npos) return {};
    const auto from = at + key.size();
    return head.substr(from, head.find("\r\n", from) - from);
  }
};

/// A TCP connection to 127.0.0.1, from another loopback address where one is given: another peer.
/// Every wait ends after 10 s with nothing.
class RawConnection {
 public:
  explicit RawConnection(std::uint16_t port, const char* from = nullptr)
      : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in a{};
    a.sin_family = AF_INET;
    if (from != nullptr) {
      a.sin_addr.s_addr = ::inet_addr(from);
      EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&a), sizeof a), 0) << from;
    }
    a.sin_port = htons(port);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&a), sizeof a) == 0;
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  ~RawConnection() { ::close(fd_); }
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  bool connected() const { return connected_; }
  int fd() const { return fd_; }

  /// False when the peer no longer takes bytes.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  /// The next answer, body by its content-length; status 0 when the connection ended before.
  RawAnswer receive(bool head_only = false) {
    RawAnswer out;
    std::size_t end = std::string::npos;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
      if (!receive_some()) return {};
    }
    out.head = received_.substr(0, end + 4);
    received_.erase(0, end + 4);
    out.status = std::atoi(out.head.substr(9, 3).c_str());
    const std::string length = out.field("content-length");
    const std::size_t size = head_only || length.empty() ? 0 : std::stoul(length);
    while (received_.size() < size) {
      if (!receive_some()) return {};
    }
    out.body = received_.substr(0, size);
    received_.erase(0, size);
    return out;
  }
  RawAnswer exchange(std::string_view request) {
    send(request);
    return receive();
  }
  /// True when the peer ended the connection and nothing more came.
  bool ended() { return received_.empty() && !receive_some() && !timed_out_; }

 private:
  bool receive_some() {
    pollfd p{.fd = fd_, .events = POLLIN, .revents = 0};
    constexpr int kPatienceMs = 10000;
    if (::poll(&p, 1, kPatienceMs) <= 0) {
      timed_out_ = true;
      return false;
    }
    char text[65536];
    const ssize_t n = ::recv(fd_, text, sizeof text, 0);
    if (n <= 0) return false;
    received_.append(text, static_cast<std::size_t>(n));
    return true;
  }

  int fd_;
  bool connected_ = false;
  bool timed_out_ = false;
  std::string received_;
};

}  // namespace trustee

#pragma once

// A server on loopback that answers what a test's script says, byte by byte: split, cut, silent.

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <list>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/support/loopback_listener.h"

namespace trustee {

/// One request as it came.
struct SeenRequest {
  std::string method;
  std::string target;
  std::string head;  ///< request line and fields
  std::string body;
  /// The value of a field; empty when absent.
  std::string field(std::string_view name) const {
    const auto at = head.find("\r\n" + std::string(name) + ": ");
    if (at == std::string::npos) return {};
    const auto from = at + name.size() + 4;
    return head.substr(from, head.find("\r\n", from) - from);
  }
};

/// What to do with it.
struct ScriptedReply {
  std::vector<std::string> pieces;  ///< sent one by one
  enum class Then : std::uint8_t { keep, close, hold } then = Then::keep;
};

/// A complete answer.
inline ScriptedReply scripted(int status, std::string_view body, std::string_view fields = {}) {
  return {{"HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Type: application/json\r\n" +
           std::string(fields) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           std::string(body)}};
}

/// A chunked answer with status 200, one chunk for each piece; `then` without `keep` leaves out the
/// end of the body.
inline ScriptedReply scripted_stream(const std::vector<std::string>& pieces,
                                     ScriptedReply::Then then = ScriptedReply::Then::keep) {
  ScriptedReply out{{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"}, then};
  for (const std::string& piece : pieces) {
    char size[32];
    std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
    out.pieces.push_back(size + piece + "\r\n");
  }
  if (then == ScriptedReply::Then::keep) out.pieces.emplace_back("0\r\n\r\n");
  return out;
}

class ScriptedPeer {
 public:
  using Script = std::function<ScriptedReply(const SeenRequest&)>;

  /// `script` is called with one request at a time.
  explicit ScriptedPeer(Script script) : script_(std::move(script)) {
    acceptor_ = std::jthread([this](const std::stop_token& stop) { accept_all(stop); });
  }
  ~ScriptedPeer() {
    acceptor_.request_stop();
    acceptor_.join();
    connections_.clear();
  }
  ScriptedPeer(const ScriptedPeer&) = delete;
  ScriptedPeer& operator=(const ScriptedPeer&) = delete;

  std::uint16_t port() const { return listener_.port(); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(listener_.port()); }
  /// All requests so far.
  std::vector<SeenRequest> seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
  }

 private:
  static bool readable(int fd, const std::stop_token& stop) {
    constexpr int kTickMs = 20;
    while (!stop.stop_requested()) {
      pollfd p{.fd = fd, .events = POLLIN, .revents = 0};
      if (::poll(&p, 1, kTickMs) > 0) return true;
    }
    return false;
  }

  void accept_all(const std::stop_token& stop) {
    while (readable(listener_.fd(), stop)) {
      const int fd = ::accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) continue;
      connections_.emplace_back([this, fd](const std::stop_token& s) { serve(fd, s); });
    }
  }

  void serve(int fd, const std::stop_token& stop) {
    std::string buffer;
    while (true) {
      SeenRequest request;
      if (!read_request(fd, stop, buffer, request)) break;
      ScriptedReply reply;
      {
        const std::lock_guard lock(mutex_);
        seen_.push_back(request);
        reply = script_(request);
      }
      for (const std::string& piece : reply.pieces) {
        send_all(fd, piece);
      }
      if (reply.then == ScriptedReply::Then::hold) hold(fd, stop);
      if (reply.then != ScriptedReply::Then::keep) break;
    }
    ::close(fd);
  }

  static void hold(int fd, const std::stop_token& stop) {
    while (readable(fd, stop)) {
      char c = 0;
      if (::recv(fd, &c, 1, 0) <= 0) return;
    }
  }

  static void send_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }

  static bool more(int fd, const std::stop_token& stop, std::string& buffer) {
    if (!readable(fd, stop)) return false;
    char piece[65536];
    const ssize_t n = ::recv(fd, piece, sizeof piece, 0);
    if (n <= 0) return false;
    buffer.append(piece, static_cast<std::size_t>(n));
    return true;
  }

  static bool read_request(int fd, const std::stop_token& stop, std::string& buffer,
                           SeenRequest& out) {
    std::size_t end = 0;
    while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
      if (!more(fd, stop, buffer)) return false;
    }
    out.head = buffer.substr(0, end + 4);
    buffer.erase(0, end + 4);
    const std::size_t space = out.head.find(' ');
    out.method = out.head.substr(0, space);
    out.target = out.head.substr(space + 1, out.head.find(' ', space + 1) - space - 1);
    const std::string length = out.field("Content-Length");
    const std::size_t size = length.empty() ? 0 : std::stoul(length);
    while (buffer.size() < size) {
      if (!more(fd, stop, buffer)) return false;
    }
    out.body = buffer.substr(0, size);
    buffer.erase(0, size);
    return true;
  }

  Script script_;
  LoopbackListener listener_;
  mutable std::mutex mutex_;
  std::vector<SeenRequest> seen_;
  std::list<std::jthread> connections_;
  std::jthread acceptor_;
};

}  // namespace trustee

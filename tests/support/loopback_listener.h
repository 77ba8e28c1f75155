#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

namespace trustee {

/// A TCP socket that listens on a free port of 127.0.0.1; closed with its owner. What comes of it
/// is for peers that are no server of ours.
class LoopbackListener {
 public:
  LoopbackListener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in a{};
    a.sin_family = AF_INET;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof a;
    const bool ready = ::bind(fd_, reinterpret_cast<sockaddr*>(&a), sizeof a) == 0 &&
                       ::listen(fd_, 16) == 0 &&
                       ::getsockname(fd_, reinterpret_cast<sockaddr*>(&a), &size) == 0;
    if (!ready) std::abort();
    port_ = ntohs(a.sin_port);
  }
  ~LoopbackListener() { ::close(fd_); }
  LoopbackListener(const LoopbackListener&) = delete;
  LoopbackListener& operator=(const LoopbackListener&) = delete;

  int fd() const { return fd_; }
  std::uint16_t port() const { return port_; }

 private:
  int fd_;
  std::uint16_t port_ = 0;
};

}  // namespace trustee

#include "tests/support/fake_kds.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace trustee {

namespace {

constexpr int kPollMs = 20;

/// False when the service stops or the other side is gone first.
bool readable(int fd, const std::atomic<bool>& stopping) {
  while (!stopping) {
    ::pollfd p{fd, POLLIN, 0};
    const int ready = ::poll(&p, 1, kPollMs);
    if (ready > 0) return true;
    if (ready < 0) return false;
  }
  return false;
}

void send_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ::ssize_t n = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (n <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

/// The head of one request, or nothing at the end of the connection.
std::string read_head(int fd, const std::atomic<bool>& stopping) {
  std::string head;
  while (head.find("\r\n\r\n") == std::string::npos && head.size() < 65536) {
    char buffer[4096];
    if (!readable(fd, stopping)) return {};
    const ::ssize_t n = ::recv(fd, buffer, sizeof buffer, 0);
    if (n <= 0) return {};
    head.append(buffer, static_cast<std::size_t>(n));
  }
  return head;
}

std::string target_of(const std::string& head) {
  const std::size_t begin = head.find(' ') + 1;
  return head.substr(begin, head.find(' ', begin) - begin);
}

std::string head_of(const FakeAnswer& a) {
  return "HTTP/1.1 " + std::to_string(a.status) + " x\r\n" + a.headers +
         "content-length: " + std::to_string(a.body.size()) + "\r\n\r\n";
}

}  // namespace

FakeKds::FakeKds(Script script) : script_(std::move(script)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ::sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<::sockaddr*>(&address);
  if (listener_ < 0 || ::bind(listener_, generic, size) != 0 || ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, generic, &size) != 0) {
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_loop(); });
}

FakeKds::~FakeKds() {
  stopping_ = true;
  acceptor_.join();
  for (std::thread& t : connections_) t.join();
  ::close(listener_);
}

std::vector<std::string> FakeKds::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void FakeKds::accept_loop() {
  while (readable(listener_, stopping_)) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    connections_.emplace_back([this, fd] {
      serve(fd);
      ::close(fd);
    });
  }
}

void FakeKds::serve(int fd) {
  while (true) {
    const std::string head = read_head(fd, stopping_);
    if (head.empty()) return;
    const std::string target = target_of(head);
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(target);
    }
    const FakeAnswer answer = script_(target);
    const std::string_view body = as_text(answer.body);
    switch (answer.how) {
      case FakeAnswer::How::complete:
        send_all(fd, head_of(answer));
        send_all(fd, body);
        continue;
      case FakeAnswer::How::truncated:
        send_all(fd, head_of(answer));
        send_all(fd, body.substr(0, body.size() / 2));
        return;
      case FakeAnswer::How::garbage:
        send_all(fd, "\x16\x03\x01 no HTTP at all\r\n\r\n");
        return;
      case FakeAnswer::How::closes:
        return;
      case FakeAnswer::How::hangs:
        (void)readable(fd, stopping_);
        return;
    }
  }
}

}  // namespace trustee

#include "net/internal/transport.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "net/internal/socket.h"

namespace trustee::net {
namespace {

using boost::asio::ip::tcp;

IoOutcome from_errno(IoState blocked) {
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {.state = blocked};
  return {.state = IoState::failed};
}

/// The outcome of an SSL call that did not succeed.
IoOutcome from_ssl(SSL* ssl, int rc) {
  const int why = SSL_get_error(ssl, rc);
  ERR_clear_error();
  if (why == SSL_ERROR_WANT_READ) return {.state = IoState::want_read};
  if (why == SSL_ERROR_WANT_WRITE) return {.state = IoState::want_write};
  if (why == SSL_ERROR_ZERO_RETURN) return {.state = IoState::closed};
  return {.state = IoState::failed};
}

}  // namespace

Transport::Transport(std::unique_ptr<State> state, SSL_CTX* tls) : state_(std::move(state)) {
  if (tls == nullptr) return;
  state_->tls = true;
  state_->ssl.reset(SSL_new(tls));
  if (!state_->ssl || SSL_set_fd(state_->ssl.get(), state_->socket.native_handle()) != 1) {
    ERR_clear_error();
    close();
    return;
  }
  SSL_set_accept_state(state_->ssl.get());
}

Transport::Transport(Transport&&) noexcept = default;
Transport::~Transport() = default;

bool Transport::is_tls() const { return state_->tls; }

IoOutcome Transport::handshake() {
  if (!state_->ssl) return {.state = IoState::failed};
  const int rc = SSL_do_handshake(state_->ssl.get());
  return rc == 1 ? IoOutcome{.state = IoState::done} : from_ssl(state_->ssl.get(), rc);
}

IoOutcome Transport::read_some(std::span<std::uint8_t> into) {
  if (state_->ssl) {
    const int limit = static_cast<int>(std::min<std::size_t>(into.size(), INT_MAX));
    const int n = SSL_read(state_->ssl.get(), into.data(), limit);
    if (n > 0) return {.state = IoState::done, .bytes = static_cast<std::size_t>(n)};
    return from_ssl(state_->ssl.get(), n);
  }
  if (state_->tls) return {.state = IoState::failed};
  const ssize_t n = ::recv(state_->socket.native_handle(), into.data(), into.size(), 0);
  if (n > 0) return {.state = IoState::done, .bytes = static_cast<std::size_t>(n)};
  if (n == 0) return {.state = IoState::closed};
  return from_errno(IoState::want_read);
}

IoOutcome Transport::write_some(Bytes from) {
  if (state_->ssl) {
    const int limit = static_cast<int>(std::min<std::size_t>(from.size(), INT_MAX));
    const int n = SSL_write(state_->ssl.get(), from.data(), limit);
    if (n > 0) return {.state = IoState::done, .bytes = static_cast<std::size_t>(n)};
    return from_ssl(state_->ssl.get(), n);
  }
  if (state_->tls) return {.state = IoState::failed};
  const ssize_t n = ::send(state_->socket.native_handle(), from.data(), from.size(), MSG_NOSIGNAL);
  if (n >= 0) return {.state = IoState::done, .bytes = static_cast<std::size_t>(n)};
  return from_errno(IoState::want_write);
}

bool Transport::may_have_buffered() const {
  return state_->ssl != nullptr && SSL_has_pending(state_->ssl.get()) == 1;
}

void Transport::cancel() {
  boost::system::error_code ignored;
  state_->socket.cancel(ignored);
}

void Transport::shutdown_send() {
  if (state_->ssl) {
    SSL_shutdown(state_->ssl.get());
    ERR_clear_error();
  }
  boost::system::error_code ignored;
  state_->socket.shutdown(tcp::socket::shutdown_send, ignored);
}

void Transport::close() {
  boost::system::error_code ignored;
  state_->socket.close(ignored);
}

void ReadyAwaiter::await_suspend(std::coroutine_handle<> h) {
  const auto what = write ? tcp::socket::wait_write : tcp::socket::wait_read;
  transport.state_->socket.async_wait(what, [this, h](const boost::system::error_code& ec) {
    ready = !ec;
    h.resume();
  });
}

}  // namespace trustee::net

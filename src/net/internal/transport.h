#pragma once

#include <coroutine>
#include <memory>
#include <span>

#include "base/bytes.h"
#include "net/http.h"

typedef struct ssl_ctx_st SSL_CTX;

namespace trustee::net {

/// What a step without waiting achieved.
enum class IoState : std::uint8_t {
  done,        ///< `bytes` were moved
  want_read,   ///< wait until the socket can be read, then repeat
  want_write,  ///< wait until the socket can be written, then repeat
  closed,      ///< the peer sent everything it had
  failed,      ///< the connection is broken
};

struct IoOutcome {
  IoState state = IoState::failed;
  std::size_t bytes = 0;
};

class Transport;

/// co_await transport.ready(write): true when the socket became ready, false when the wait was
/// cancelled.
struct ReadyAwaiter {
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> h);
  bool await_resume() const noexcept { return ready; }
  Transport& transport;
  bool write = false;
  bool ready = false;
};

/// A connected, non-blocking TCP socket on one loop, plain or under TLS. One wait at a time.
class Transport {
 public:
  struct State;
  /// `tls` is null for a plain connection. Lifetime: the socket's loop outlives this.
  Transport(std::unique_ptr<State> state, SSL_CTX* tls);
  Transport(Transport&&) noexcept;
  ~Transport();

  bool is_tls() const;
  IoOutcome handshake();
  IoOutcome read_some(std::span<std::uint8_t> into);
  IoOutcome write_some(Bytes from);
  ReadyAwaiter ready(bool write) { return ReadyAwaiter{*this, write, false}; }
  /// True when bytes may be at hand without a wait (decrypted ahead).
  bool may_have_buffered() const;

  /// Ends the current wait, which then yields false.
  void cancel();
  /// Says that nothing more will be sent.
  void shutdown_send();
  void close();

 private:
  friend struct ReadyAwaiter;
  std::unique_ptr<State> state_;
};

}  // namespace trustee::net

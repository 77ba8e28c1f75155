#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/access_line.h"
#include "net/compute_pool.h"
#include "net/errors.h"
#include "net/http.h"
#include "net/task.h"
#include "net/tls.h"

namespace trustee::net {

/// What one connection, one request and all together may use.
struct ServerLimits {
  std::size_t body_bytes = 2u << 20;    ///< after the content coding is undone, and before
  std::size_t head_bytes = 320u << 10;  ///< request line and fields: room for a 256 KiB token
  std::size_t header_count = 100;       ///< fields of a head
  /// Heads and bodies of more than 16 KiB, of all requests together; one peer has half of it.
  std::size_t bytes_in_flight = 256u << 20;
  std::size_t connections = 8192;
  std::size_t connections_per_peer = 4096;             ///< of one PeerKey
  std::chrono::milliseconds handshake_timeout{3000};   ///< of TLS, from accept
  std::chrono::milliseconds head_timeout{5000};        ///< from the first byte, or from accept
  std::chrono::milliseconds keep_alive_timeout{5000};  ///< between requests
  // Of a body, and of an answer from when it first has to wait; longer by a second per 64 KiB that
  // moved.
  std::chrono::milliseconds body_timeout{30000};
  std::chrono::milliseconds write_timeout{30000};
  std::chrono::milliseconds request_deadline{60000};  ///< told to the handler; not enforced
};

/// The usual limits for bodies of up to `body_bytes`. The budget has room for four of them, as a
/// body with a content coding is there twice and a peer has half.
inline ServerLimits limits_for_bodies(std::size_t body_bytes) {
  ServerLimits limits;
  limits.body_bytes = body_bytes;
  limits.bytes_in_flight = std::max(limits.bytes_in_flight, 4 * body_bytes);
  return limits;
}

/// Where a server listens, within which limits, and whom it tells of what.
struct ServerConfig {
  /// `127.0.0.1:8080`, `[::1]:8080`; port 0 takes a free one.
  std::vector<std::string> sockets{"127.0.0.1:8080"};
  std::optional<TlsConfig> tls;  ///< none: plain HTTP
  ServerLimits limits;
  std::size_t workers = 0;  ///< threads; 0 for one per processor
  /// SIGTERM drains, SIGINT and SIGQUIT end at once.
  bool handle_signals = false;
  std::chrono::milliseconds drain_limit{30000};  ///< from the end of the farewell
  /// How long connections are still accepted once it drains: whoever sends them here has to learn
  /// of it first. Before `drain_limit`.
  std::chrono::milliseconds farewell{0};
  /// Where content codings are undone; null for the connection's own thread. Outlives the server.
  ComputePool* decode_pool = nullptr;
  /// Called on worker threads, once per answer; must not block.
  std::function<void(const Exchange&)> on_exchange;
  /// Lines for the operator, e.g. `TLS profile: modern`; any thread; must not block.
  std::function<void(std::string)> on_notice;
};

/// Makes the answer. Runs on the connection's thread and must not block there: long work goes
/// through a ComputePool. What it throws becomes a 500.
using Handler = std::function<Task<Response>(Request)>;

/// Figures of one moment, those of 64 bit since the start.
struct ServerLoad {
  std::size_t connections = 0;            ///< open
  std::size_t requests_in_flight = 0;     ///< head read, answer not yet sent
  std::size_t bytes_in_flight = 0;        ///< counted against the limit of that name
  std::uint64_t requests = 0;             ///< answered, refusals included
  std::uint64_t refused_connections = 0;  ///< past one of the limits
  std::uint64_t failed_handshakes = 0;    ///< of TLS
  std::uint64_t tls_reloads = 0;
  std::uint64_t tls_reloads_refused = 0;  ///< the files did not load
};

/// An HTTP/1.1 server, plain or TLS. Requests of one connection are answered in order, one at a
/// time. Answers of its own, with an empty body where none is named: 400 malformed; 400 `can not
/// decode content-encoding`, also when there is more than one; 408 head or body late; 413 `payload
/// reached size limit`; 431 head or number of fields too large; 500 handler threw or no memory to
/// decode a body; 501 transfer coding; 503 with Retry-After when the byte budget or the decoding
/// pool is used up. Every answer carries `x-request-id`.
/// Source: kbs.md sections 1.3, 2.3, 3.1.
class Server {
 public:
  /// Reads the TLS files first, then binds every socket (backlog 1024); nothing is served yet.
  /// Ignores SIGPIPE for the whole process.
  /// Errors: no_socket, address_invalid, bind_failed; those of TlsContext::create.
  static Result<std::unique_ptr<Server>> create(ServerConfig config, Handler handler);
  /// Ends at once what still runs. run() must have returned or never have been called.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// The bound ports, in the order of `sockets`.
  const std::vector<std::uint16_t>& ports() const;

  /// Serves until stop() or a signal; returns when the last connection is gone or the drain limit
  /// has passed. Shape: the number of requests whose answer was lost.
  std::size_t run();

  /// Stops accepting, after the farewell, and lets requests in flight finish within the drain
  /// limit. Any thread.
  void stop();
  /// Ends at once. Any thread.
  void stop_now();

  /// Reads the TLS files again, for connections made from now on. Any thread. Errors: those of
  /// TlsContext::create; the old certificate then stays in use.
  Result<void> reload_tls();

  /// Any thread.
  ServerLoad load() const;
  /// True from stop() on: no longer ready for new work.
  bool draining() const;

  struct State;

 private:
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace trustee::net

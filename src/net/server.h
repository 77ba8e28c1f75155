#pragma once

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
  std::size_t header_count = 100;
  std::size_t bytes_in_flight = 256u << 20;  ///< bodies and large heads of all requests
  std::size_t connections = 8192;
  std::size_t connections_per_peer = 4096;
  std::chrono::milliseconds handshake_timeout{3000};
  std::chrono::milliseconds head_timeout{5000};        ///< from the first byte, or from accept
  std::chrono::milliseconds keep_alive_timeout{5000};  ///< between requests
  std::chrono::milliseconds body_timeout{30000};
  std::chrono::milliseconds write_timeout{30000};     ///< without progress
  std::chrono::milliseconds request_deadline{60000};  ///< told to the handler; not enforced
};

struct ServerConfig {
  /// `127.0.0.1:8080`, `[::1]:8080`; port 0 takes a free one.
  std::vector<std::string> sockets{"127.0.0.1:8080"};
  std::optional<TlsConfig> tls;
  ServerLimits limits;
  std::size_t workers = 0;  ///< threads; 0 for one per processor
  /// SIGTERM drains, SIGINT and SIGQUIT end at once.
  bool handle_signals = false;
  std::chrono::milliseconds drain_limit{30000};
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

/// Figures of one moment.
struct ServerLoad {
  std::size_t connections = 0;
  std::size_t requests_in_flight = 0;  ///< head read, answer not yet sent
  std::size_t bytes_in_flight = 0;
  std::uint64_t requests = 0;  ///< answered, refusals included
  std::uint64_t refused_connections = 0;
  std::uint64_t failed_handshakes = 0;
  std::uint64_t tls_reloads = 0;
  std::uint64_t tls_reloads_refused = 0;
};

/// An HTTP/1.1 server, plain or TLS. Requests of one connection are answered in order, one at a
/// time. Answers of its own, all with an empty body unless named: 400 malformed, 408 head or body
/// late, 413 `payload reached size limit`, 431 head too large, 500 handler threw, 501 transfer
/// coding, 503 with Retry-After when the byte budget is used up. Every answer carries
/// `x-request-id`.
/// Source: kbs.md sections 1.3, 2.3, 3.1.
class Server {
 public:
  /// Reads the TLS files first, then binds every socket (backlog 1024); nothing is served yet.
  /// Ignores SIGPIPE for the whole process.
  /// Errors: no_socket, address_invalid, bind_failed; those of TlsContext::create.
  static Result<std::unique_ptr<Server>> create(ServerConfig config, Handler handler);
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

  ServerLoad load() const;
  /// True from stop() on: no longer ready for new work.
  bool draining() const;

  struct State;

 private:
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace trustee::net

#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "control/operator_metrics.h"
#include "k8s/client.h"
#include "net/compute_pool.h"
#include "net/self_signed.h"
#include "net/server.h"

namespace trustee::control {

/// `:8081` (all addresses of both families), `127.0.0.1:8081`, `[::1]:8081` as socket addresses;
/// none for `0` and an empty text, which switch an endpoint off.
std::vector<std::string> sockets_of(std::string_view bind_address);

/// What readers of `/healthz` and `/metrics` need, and no more: they send no body, and a bearer
/// token fits into the head.
inline constexpr net::ServerLimits kEndpointLimits{.body_bytes = 0,
                                                   .head_bytes = 16U << 10U,
                                                   .bytes_in_flight = 1U << 20U,
                                                   .connections = 64,
                                                   .connections_per_peer = 16};

/// Serves on its own thread until it goes.
class Endpoint {
 public:
  /// Within kEndpointLimits, whatever `config` says. Where a machine has no IPv6, the sockets
  /// without it do. Errors  those of net::Server::create.
  static Result<std::unique_ptr<Endpoint>> create(net::ServerConfig config, net::Handler handler);
  ~Endpoint();
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;
  std::uint16_t port() const { return server_->ports().front(); }
  /// Reads the files of the certificate again. Errors: those of net::Server::reload_tls.
  Result<void> reload_tls() { return server_->reload_tls(); }

 private:
  explicit Endpoint(std::unique_ptr<net::Server> server);
  std::unique_ptr<net::Server> server_;
  std::jthread thread_;
};

/// `/healthz`: 200 always; `/readyz`: 200 once `ready`, 503 before. Body `ok` or what is missing.
net::Handler health_handler(std::function<bool()> ready);

/// What the metrics endpoint needs. Lifetime: outlives it.
struct MetricsDesk {
  k8s::Client& client;
  metrics::Registry& registry;
  OperatorMetrics& metrics;
  net::ComputePool& pool;  ///< asks the API server
  bool secure = true;      ///< each reader's token is checked
};

/// `/metrics`: 401 without a token that the API server knows, 403 without the right, 503 when it
/// cannot be asked.
net::Handler metrics_handler(MetricsDesk& desk);

}  // namespace trustee::control

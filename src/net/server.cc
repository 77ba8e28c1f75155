#include "net/server.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <unordered_map>

#include "base/try.h"
#include "net/internal/connection.h"
#include "net/internal/server_core.h"
#include "net/internal/socket.h"

namespace trustee::net {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr int kBacklog = 1024;
constexpr std::chrono::milliseconds kAcceptPause{100};  // after running out of descriptors

/// `IP:port` with the brackets of IPv6.
Result<tcp::endpoint> parse_socket(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon + 1 == text.size()) {
    return Error(Errc::address_invalid, text);
  }
  std::string host = text.substr(0, colon);
  const std::string port = text.substr(colon + 1);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  error_code ec;
  const auto address = asio::ip::make_address(host, ec);
  if (ec || address.is_v6() != bracketed) return Error(Errc::address_invalid, text);
  if (port.size() > 5 || port.find_first_not_of("0123456789") != std::string::npos) {
    return Error(Errc::address_invalid, text);
  }
  const unsigned long number = std::stoul(port);
  if (number > 65535) return Error(Errc::address_invalid, text);
  return tcp::endpoint(address, static_cast<std::uint16_t>(number));
}

Peer peer_of(const tcp::endpoint& endpoint) {
  constexpr std::size_t kSubnetBytes = 8;
  Peer peer;
  auto address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  peer.address = address.to_string();
  peer.port = endpoint.port();
  if (address.is_v4()) {
    const auto bytes = asio::ip::make_address_v6(asio::ip::v4_mapped, address.to_v4()).to_bytes();
    std::copy(bytes.begin(), bytes.end(), peer.key.begin());
  } else {
    const auto bytes = address.to_v6().to_bytes();
    std::copy_n(bytes.begin(), kSubnetBytes, peer.key.begin());
  }
  return peer;
}

}  // namespace

/// One worker: its loop and the connections that live on it.
struct Worker {
  std::shared_ptr<Loop> loop = std::make_shared<Loop>();
  std::unordered_map<Connection*, std::unique_ptr<Connection>> connections;  // loop thread only
};

struct Server::State {
  State(ServerConfig config, Handler handler) : core(std::move(config), std::move(handler)) {}

  Result<void> bind_all();
  Result<void> bind_one(const std::string& socket);
  void start();
  void accept_next(std::size_t index);
  void accepted(tcp::socket socket);
  void start_connection(Worker& worker, tcp::socket socket, Peer peer);
  void listen_for_signals();
  Result<void> reload_tls();
  void close_acceptors();
  void begin_drain();
  std::size_t end();
  void ask_to_stop(bool now);

  ServerCore core;
  std::vector<std::unique_ptr<Worker>> workers;
  // On the first worker's loop:
  std::vector<tcp::acceptor> acceptors;
  std::unique_ptr<asio::signal_set> signals;
  std::size_t next_worker = 0;

  std::vector<std::uint16_t> ports;
  std::mutex tls_mutex;  // one reload at a time
  std::unique_ptr<Snapshot<TlsContext>> tls;

  std::mutex mutex;
  std::condition_variable changed;
  bool stop_asked = false;
  bool stop_now_asked = false;
  bool acceptors_closed = false;
  bool ended = false;
};

Result<void> Server::State::bind_all() {
  if (core.config.sockets.empty()) return Errc::no_socket;
  for (const auto& socket : core.config.sockets) {
    TRY_VOID(bind_one(socket));
  }
  return {};
}

Result<void> Server::State::bind_one(const std::string& socket) {
  TRY(const tcp::endpoint endpoint, parse_socket(socket));
  tcp::acceptor acceptor(workers.front()->loop->context());
  error_code ec;
  acceptor.open(endpoint.protocol(), ec);
  if (!ec) acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
  if (!ec && endpoint.address().is_v6()) acceptor.set_option(asio::ip::v6_only(true), ec);
  if (!ec) acceptor.bind(endpoint, ec);
  if (!ec) acceptor.listen(kBacklog, ec);
  if (!ec) acceptor.non_blocking(true, ec);
  if (ec) return Error(Errc::bind_failed, socket + ": " + ec.message());
  ports.push_back(acceptor.local_endpoint(ec).port());
  acceptors.push_back(std::move(acceptor));
  return {};
}

void Server::State::start() {
  if (core.config.handle_signals) listen_for_signals();
  for (std::size_t i = 0; i < acceptors.size(); ++i) {
    accept_next(i);
  }
  for (auto& worker : workers) {
    worker->loop->start_thread();
  }
}

void Server::State::accept_next(std::size_t index) {
  acceptors[index].async_accept([this, index](const error_code& ec, tcp::socket socket) {
    if (!ec) accepted(std::move(socket));  // also when the acceptor was closed meanwhile
    if (ec == asio::error::operation_aborted || !acceptors[index].is_open()) return;
    if (ec) {
      workers.front()->loop->call_after(kAcceptPause, [this, index] {
        if (acceptors[index].is_open()) accept_next(index);
      });
      return;
    }
    accept_next(index);
  });
}

void Server::State::accepted(tcp::socket socket) {
  error_code ec;
  const tcp::endpoint remote = socket.remote_endpoint(ec);
  if (ec) return;  // gone already
  Peer peer = peer_of(remote);
  if (!core.admit(peer.key)) {
    core.refused_connections.fetch_add(1);
    return;
  }
  Worker& worker = *workers[next_worker++ % workers.size()];
  // The socket moves to the loop it will live on.
  const auto protocol = remote.protocol();
  const auto fd = socket.release(ec);
  if (ec) {
    core.dismiss(peer.key);
    return;
  }
  tcp::socket moved(worker.loop->context());
  moved.assign(protocol, fd, ec);
  if (ec) {
    ::close(fd);
    core.dismiss(peer.key);
    return;
  }
  asio::post(worker.loop->context(),
             [this, &worker, s = std::move(moved), p = std::move(peer)]() mutable {
               start_connection(worker, std::move(s), std::move(p));
             });
}

void Server::State::start_connection(Worker& worker, tcp::socket socket, Peer peer) {
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  socket.non_blocking(true, ignored);
  std::shared_ptr<const TlsContext> context = tls ? tls->load() : nullptr;
  SSL_CTX* native = context ? context->native() : nullptr;
  Transport transport(std::make_unique<Transport::State>(std::move(socket)), native);
  auto on_end = [this, &worker](Connection* c) {
    worker.connections.erase(c);
    if (!core.draining.load()) return;
    const std::lock_guard lock(mutex);
    changed.notify_all();
  };
  auto connection = std::make_unique<Connection>(core, *worker.loop, std::move(transport),
                                                 std::move(peer), std::move(context), on_end);
  Connection* const raw = connection.get();
  worker.connections.emplace(raw, std::move(connection));
  raw->start();
}

void Server::State::listen_for_signals() {
  if (!signals) {
    signals = std::make_unique<asio::signal_set>(workers.front()->loop->context(), SIGTERM, SIGINT,
                                                 SIGQUIT);
  }
  signals->async_wait([this](const error_code& ec, int signal) {
    if (ec) return;
    ask_to_stop(signal != SIGTERM);
    listen_for_signals();
  });
}

Result<void> Server::State::reload_tls() {
  const std::lock_guard lock(tls_mutex);
  if (!tls) return {};
  auto next = TlsContext::create(*core.config.tls);
  if (!next.ok()) {
    core.tls_reloads_refused.fetch_add(1);
    return std::move(next).error();
  }
  tls->store(std::move(*next));
  core.tls_reloads.fetch_add(1);
  return {};
}

void Server::State::close_acceptors() {
  for (auto& acceptor : acceptors) {
    for (;;) {  // who was already connected is served
      error_code ec;
      tcp::socket socket = acceptor.accept(ec);
      if (ec) break;
      accepted(std::move(socket));
    }
    error_code ignored;
    acceptor.close(ignored);
  }
  // Accept handlers that are queued already run before this call and count their connections.
  workers.front()->loop->post_call([this] {
    const std::lock_guard lock(mutex);
    acceptors_closed = true;
    changed.notify_all();
  });
}

void Server::State::begin_drain() {
  workers.front()->loop->post_call([this] { close_acceptors(); });
  for (auto& worker : workers) {
    worker->loop->post_call([w = worker.get()] {
      for (auto& [raw, connection] : w->connections) {
        connection->drain();
      }
    });
  }
}

std::size_t Server::State::end() {
  ended = true;
  for (auto& worker : workers) {
    worker->loop->stop();
  }
  for (auto& worker : workers) {
    worker->loop->join();
  }
  const std::size_t lost = core.in_flight.load();
  for (auto& worker : workers) {
    for (auto& [raw, connection] : worker->connections) {
      connection->abort();  // the peer need not wait for a job that still runs
    }
  }
  for (auto& worker : workers) {
    worker->connections.clear();
  }
  signals.reset();
  acceptors.clear();
  return lost;
}

void Server::State::ask_to_stop(bool now) {
  core.draining.store(true);
  const std::lock_guard lock(mutex);
  stop_asked = true;
  stop_now_asked = stop_now_asked || now;
  changed.notify_all();
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() {
  if (!state_->ended) state_->end();
}

Result<std::unique_ptr<Server>> Server::create(ServerConfig config, Handler handler) {
  std::signal(SIGPIPE, SIG_IGN);  // the TLS library writes to sockets without MSG_NOSIGNAL
  if (config.workers == 0) {
    config.workers = std::max(1u, std::thread::hardware_concurrency());
  }
  auto state = std::make_unique<State>(std::move(config), std::move(handler));
  const ServerConfig& c = state->core.config;
  if (c.tls) {
    TRY(auto context, TlsContext::create(*c.tls));
    for (const auto& warning : context->warnings()) {
      state->core.notice(warning);
    }
    state->core.notice("TLS profile: " + std::string(to_string(c.tls->profile)));
    state->core.notice(context->groups_line());
    state->tls = std::make_unique<Snapshot<TlsContext>>(std::move(context));
  }
  for (std::size_t i = 0; i < c.workers; ++i) {
    state->workers.push_back(std::make_unique<Worker>());
  }
  TRY_VOID(state->bind_all());
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

const std::vector<std::uint16_t>& Server::ports() const { return state_->ports; }

std::size_t Server::run() {
  State& s = *state_;
  s.start();
  {
    std::unique_lock lock(s.mutex);
    s.changed.wait(lock, [&] { return s.stop_asked; });
    // Answers say `connection: close` from now on.
    s.changed.wait_for(lock, s.core.config.farewell, [&] { return s.stop_now_asked; });
    if (!s.stop_now_asked) {
      s.begin_drain();
      s.changed.wait_for(lock, s.core.config.drain_limit, [&] {
        return s.stop_now_asked || (s.acceptors_closed && s.core.connections.load() == 0);
      });
    }
  }
  return s.end();
}

void Server::stop() { state_->ask_to_stop(false); }
void Server::stop_now() { state_->ask_to_stop(true); }
Result<void> Server::reload_tls() { return state_->reload_tls(); }

bool Server::draining() const { return state_->core.draining.load(); }

ServerLoad Server::load() const {
  const ServerCore& c = state_->core;
  return {.connections = c.connections.load(),
          .requests_in_flight = c.in_flight.load(),
          .bytes_in_flight = c.budget.used(),
          .requests = c.requests.load(),
          .refused_connections = c.refused_connections.load(),
          .failed_handshakes = c.failed_handshakes.load(),
          .tls_reloads = c.tls_reloads.load(),
          .tls_reloads_refused = c.tls_reloads_refused.load()};
}

}  // namespace trustee::net

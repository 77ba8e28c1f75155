#pragma once

#include <atomic>
#include <map>
#include <memory>

#include "base/mutex.h"
#include "base/snapshot.h"
#include "net/internal/byte_budget.h"
#include "net/server.h"

namespace trustee::net {

/// What one peer has; there while one of its connections is.
struct PeerShare {
  std::size_t connections = 0;
  ByteBudget::PeerUse bytes{0};
};

/// What all connections of one server share.
struct ServerCore {
  ServerCore(ServerConfig c, Handler h)
      : config(std::move(c)), handler(std::move(h)), budget(config.limits.bytes_in_flight) {}

  /// Counts a new connection in; false when one of the limits is reached.
  bool admit(const PeerKey& peer) {
    if (connections.fetch_add(1) >= config.limits.connections) {
      connections.fetch_sub(1);
      return false;
    }
    MutexLock lock(peers_mutex);
    PeerShare& share = peers[peer];
    if (share.connections >= config.limits.connections_per_peer) {
      connections.fetch_sub(1);
      return false;
    }
    share.connections += 1;
    return true;
  }
  void dismiss(const PeerKey& peer) {
    {
      MutexLock lock(peers_mutex);
      const auto it = peers.find(peer);
      if (it != peers.end() && --it->second.connections == 0) peers.erase(it);
    }
    connections.fetch_sub(1);
  }
  /// What the requests of an admitted peer hold. Lifetime: until its last connection is dismissed.
  ByteBudget::PeerUse& bytes_of(const PeerKey& peer) {
    MutexLock lock(peers_mutex);
    PeerShare& share = peers[peer];
    return share.bytes;
  }
  void notice(std::string text) const {
    if (config.on_notice) config.on_notice(std::move(text));
  }

  const ServerConfig config;
  const Handler handler;
  ByteBudget budget;
  std::atomic<bool> draining{false};
  std::atomic<std::size_t> connections{0};
  std::atomic<std::size_t> in_flight{0};
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> refused_connections{0};
  std::atomic<std::uint64_t> failed_handshakes{0};
  std::atomic<std::uint64_t> tls_reloads{0};
  std::atomic<std::uint64_t> tls_reloads_refused{0};
  Mutex peers_mutex;
  std::map<PeerKey, PeerShare> peers TRUSTEE_GUARDED_BY(peers_mutex);
};

}  // namespace trustee::net

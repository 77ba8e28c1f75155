#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "net/internal/request_parser.h"
#include "net/internal/server_core.h"

namespace trustee::net {

/// Counts a request as in flight for as long as it lives, however it ends.
struct InFlight {
  explicit InFlight(ServerCore& c) : core(c) { core.in_flight.fetch_add(1); }
  ~InFlight() { core.in_flight.fetch_sub(1); }
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;
  ServerCore& core;
};

/// One request and its answer.
struct Turn {
  /// What of a head, and of a body, counts against no byte budget: a handshake fits, and the limits
  /// of connections bound all of them together.
  static constexpr std::size_t kFree = 16u << 10;

  Turn(ServerCore& core, ByteBudget::PeerUse& peer) : share(core.budget, peer) {}

  /// Counts a head of which `size` bytes are here, the end or not, against the byte budget; small
  /// ones are free. False when there is no room for it.
  bool hold_head(std::size_t size) { return hold(size, head_held); }
  /// The same of a body for which there are `size` bytes of memory.
  bool hold_body(std::size_t size) { return hold(size, body_held); }

  /// Lets go of what came of a request that is refused: its answer may take a while.
  void drop() {
    request.body = WipedVec();
    share.release();
  }

  Request request;
  Framing framing;
  ByteBudget::Share share;
  std::size_t head_held = 0;  ///< of the share
  std::size_t body_held = 0;  ///< of the share
  std::optional<InFlight> counted;
  std::chrono::steady_clock::time_point started;
  std::chrono::steady_clock::time_point answered;
  bool head_read = false;
  std::string target;  ///< kept for the log after the request was given away
  std::string method;
  std::string referer;
  std::string user_agent;
  std::string id;
  std::uint64_t received = 0;

 private:
  bool hold(std::size_t size, std::size_t& held) {
    if (size <= kFree || size <= held) return true;
    if (!share.take(size - held)) return false;
    held = size;
    return true;
  }
};

}  // namespace trustee::net

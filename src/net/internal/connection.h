#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "net/internal/loop.h"
#include "net/internal/read_buffer.h"
#include "net/internal/request_parser.h"
#include "net/internal/server_core.h"
#include "net/internal/stop.h"
#include "net/internal/time_limit.h"
#include "net/internal/transport.h"

namespace trustee::net {

struct Turn;

/// One connection: a coroutine that reads a request, asks the handler, writes the answer, and
/// starts over. Lives on one loop.
class Connection final : public Timed {
 public:
  /// Lifetime: `core`, which has admitted the peer, and `loop` outlive the connection; `ended` is
  /// called on the loop when it is over and may destroy it. `tls` keeps the context of a TLS
  /// connection.
  Connection(ServerCore& core, Loop& loop, Transport transport, Peer peer,
             std::shared_ptr<const TlsContext> tls, std::function<void(Connection*)> ended);
  ~Connection() override;

  void start();
  void check_time(std::chrono::steady_clock::time_point now) override;
  /// The server drains: an idle connection gets a short while for a request already on its way.
  void drain();
  /// Breaks off whatever is going on; a handler that runs is not interrupted.
  void abort();

 private:
  Task<void> run();
  Task<void> serve_all();
  Task<bool> shake_hands();
  Task<bool> serve_one();
  /// Whether something of a further request is here already: reading it would not wait, so a peer
  /// that never stops asking would keep the loop to itself.
  bool has_next() const;
  Task<Stop> read_head(Turn& turn);
  Task<Stop> read_body(Turn& turn);
  Task<Stop> read_sized(Turn& turn);
  Task<Stop> read_chunked(Turn& turn);
  Task<Stop> decode(Turn& turn);
  Task<Response> ask(Turn& turn);
  Task<bool> answer(Turn& turn, Response response);
  Task<bool> write_all(Bytes bytes);
  Task<IoState> read_into(std::span<std::uint8_t> into, bool wait_first, std::size_t& got);
  Task<void> linger();

  Stop stop_after(IoState state, bool anything) const;
  /// Sets the limit, from now.
  void limit(std::chrono::milliseconds d);
  void record(const Turn& turn, const Response& response, bool delivered);

  ServerCore& core_;
  Loop& loop_;
  Transport transport_;
  Peer peer_;
  ByteBudget::PeerUse& peer_bytes_;
  std::shared_ptr<const TlsContext> tls_;
  std::function<void(Connection*)> ended_;
  ReadBuffer buffer_;
  TimeLimit limit_;
  bool expired_ = false;
  bool idle_ = false;  ///< between requests, nothing of the next one here yet
  std::uint64_t served_ = 0;
  std::optional<Task<void>> coroutine_;
};

}  // namespace trustee::net

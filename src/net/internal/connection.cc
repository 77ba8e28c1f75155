#include "net/internal/connection.h"

#include <exception>

#include "net/internal/response_writer.h"
#include "net/internal/turn.h"

namespace trustee::net {

using std::chrono::milliseconds;

constexpr milliseconds kDrainIdle{500};
constexpr std::size_t kJoinedBody = 16u << 10;  // bodies up to this go out with their head

Connection::Connection(ServerCore& core, Loop& loop, Transport transport, Peer peer,
                       std::shared_ptr<const TlsContext> tls,
                       std::function<void(Connection*)> ended)
    : core_(core),
      loop_(loop),
      transport_(std::move(transport)),
      peer_(std::move(peer)),
      peer_bytes_(core.bytes_of(peer_.key)),
      tls_(std::move(tls)),
      ended_(std::move(ended)) {}

Connection::~Connection() {
  coroutine_.reset();  // its request holds bytes of the peer's share
  core_.dismiss(peer_.key);
}

void Connection::start() {
  loop_.watch(*this);
  coroutine_.emplace(run());
  coroutine_->start(loop_);
}

void Connection::check_time(TimeLimit::Time now) {
  if (!limit_.passed(now)) return;
  expired_ = true;
  limit_.clear();
  transport_.cancel();
}

void Connection::drain() {
  if (!idle_) return;
  limit_.at_latest(std::chrono::steady_clock::now() + kDrainIdle);
}

void Connection::abort() {
  expired_ = true;
  transport_.close();
}

Task<void> Connection::run() {
  try {
    co_await serve_all();
  } catch (const std::exception& e) {
    core_.notice(std::string("a connection ended in an exception: ") + e.what());
  }
  transport_.close();
  loop_.unwatch(*this);
  // A copy, because what it calls destroys this object and the function with it.
  loop_.post_call([this, ended = ended_] { ended(this); });
}

Task<void> Connection::serve_all() {
  bool open = true;
  if (transport_.is_tls()) {
    open = co_await shake_hands();
    if (!open) core_.failed_handshakes.fetch_add(1);
  }
  while (open) {
    open = co_await serve_one();
    if (open && has_next()) co_await loop_.give_way();
  }
}

bool Connection::has_next() const { return !buffer_.empty() || transport_.may_have_buffered(); }

Task<bool> Connection::shake_hands() {
  limit(core_.config.limits.handshake_timeout);
  for (;;) {
    const IoOutcome step = transport_.handshake();
    if (step.state == IoState::done) co_return true;
    if (step.state != IoState::want_read && step.state != IoState::want_write) co_return false;
    const bool ready = co_await transport_.ready(step.state == IoState::want_write);
    if (!ready || expired_) co_return false;
  }
}

Task<bool> Connection::serve_one() {
  Turn turn(core_, peer_bytes_);
  Stop stop = co_await read_head(turn);
  idle_ = false;
  if (stop == Stop::gone) co_return false;
  turn.id = loop_.new_request_id();
  turn.counted.emplace(core_);
  if (stop == Stop::none && turn.framing.body != BodyKind::none) {
    stop = co_await read_body(turn);
  }
  limit_.clear();
  bool open = false;
  if (stop == Stop::none) {
    Response response = co_await ask(turn);
    open = co_await answer(turn, std::move(response));
  } else if (stop != Stop::gone) {
    turn.drop();
    buffer_.clear();
    co_await answer(turn, refusal(stop));
    if (stop != Stop::late) co_await linger();
  }
  served_ += 1;
  co_return open;
}

Task<Response> Connection::ask(Turn& turn) {
  Request& request = turn.request;
  request.peer = peer_;
  request.tls = transport_.is_tls();
  request.id = RequestId(turn.id);
  request.deadline = Deadline::after(core_.config.limits.request_deadline);
  try {
    co_return co_await core_.handler(std::move(request));
  } catch (const std::exception& e) {
    core_.notice("request " + turn.id + " ended in an exception: " + e.what());
  } catch (...) {
    core_.notice("request " + turn.id + " ended in an exception");
  }
  Response failed;
  failed.status = 500;
  co_return failed;
}

Task<bool> Connection::answer(Turn& turn, Response response) {
  turn.answered = std::chrono::steady_clock::now();
  const bool last = core_.draining.load() && buffer_.empty();
  const bool close = response.close || !turn.framing.keep_alive || last;
  const bool head_request = turn.method == "HEAD";
  std::string out = response_head(response, {.date = loop_.http_date(),
                                             .request_id = turn.id,
                                             .close = close,
                                             .http_1_0 = turn.request.minor_version == 0,
                                             .head_request = head_request});
  Bytes rest;
  if (sends_body(response.status, head_request)) {
    if (response.body.size() <= kJoinedBody) {
      out += as_text(response.body);
    } else {
      rest = response.body;
    }
  }
  bool sent = co_await write_all(as_bytes(out));
  if (sent && !rest.empty()) sent = co_await write_all(rest);
  limit_.clear();
  record(turn, response, sent);
  if (sent && close) transport_.shutdown_send();
  co_return sent && !close;
}

Task<bool> Connection::write_all(Bytes bytes) {
  expired_ = false;
  while (!bytes.empty()) {
    const IoOutcome step = transport_.write_some(bytes);
    if (step.state == IoState::done) {
      bytes = bytes.subspan(step.bytes);
      limit_.extend(step.bytes);
      continue;
    }
    if (step.state != IoState::want_read && step.state != IoState::want_write) co_return false;
    // Set once: a peer that takes a byte now and then would have it begin anew for ever.
    if (!limit_.is_set()) limit(core_.config.limits.write_timeout);
    const bool ready = co_await transport_.ready(step.state == IoState::want_write);
    if (!ready || expired_) co_return false;
  }
  co_return true;
}

void Connection::record(const Turn& turn, const Response& response, bool delivered) {
  using std::chrono::duration_cast;
  using std::chrono::microseconds;
  core_.requests.fetch_add(1, std::memory_order_relaxed);
  if (!core_.config.on_exchange) return;
  Exchange e;
  e.peer_address = peer_.address;
  if (turn.head_read && !turn.method.empty()) {
    e.request_line = turn.method + ' ' + without_query(turn.target) + " HTTP/1." +
                     std::to_string(turn.request.minor_version);
  }
  e.path = turn.target.substr(0, turn.target.find('?'));
  e.status = response.status;
  e.request_bytes = turn.received;
  e.response_bytes = response.body.size();
  e.referer = without_query(turn.referer);
  e.user_agent = turn.user_agent;
  e.until_head = duration_cast<microseconds>(turn.answered - turn.started);
  e.total = duration_cast<microseconds>(std::chrono::steady_clock::now() - turn.started);
  e.delivered = delivered;
  e.id = RequestId(turn.id);
  core_.config.on_exchange(e);
}

}  // namespace trustee::net

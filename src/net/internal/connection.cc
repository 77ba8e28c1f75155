#include "net/internal/connection.h"

#include <algorithm>
#include <exception>

#include "net/content_coding.h"
#include "net/internal/response_writer.h"

namespace trustee::net {

using std::chrono::milliseconds;

constexpr milliseconds kDrainIdle{500};
constexpr milliseconds kLinger{2000};
constexpr std::size_t kLingerBytes = 16u << 20;
constexpr std::size_t kJoinedBody = 16u << 10;  // bodies up to this go out with their head
constexpr std::size_t kFreeHead = 16u << 10;    // larger heads count against the byte budget

/// Counts a request as in flight for as long as it lives, however it ends.
struct InFlight {
  explicit InFlight(ServerCore& c) : core(c) { core.in_flight.fetch_add(1); }
  ~InFlight() { core.in_flight.fetch_sub(1); }
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;
  ServerCore& core;
};

/// One request and its answer.
struct Connection::Turn {
  explicit Turn(ServerCore& core) : share(core.budget) {}

  Request request;
  Framing framing;
  ByteBudget::Share share;
  std::optional<InFlight> counted;
  SteadyTime started;
  SteadyTime answered;
  bool head_read = false;
  std::string target;  ///< kept for the log after the request was given away
  std::string method;
  std::string referer;
  std::string user_agent;
  std::string id;
  std::uint64_t received = 0;
};

Connection::Connection(ServerCore& core, Loop& loop, Transport transport, Peer peer,
                       std::shared_ptr<const TlsContext> tls,
                       std::function<void(Connection*)> ended)
    : core_(core),
      loop_(loop),
      transport_(std::move(transport)),
      peer_(std::move(peer)),
      tls_(std::move(tls)),
      ended_(std::move(ended)),
      parser_({core.config.limits.header_count, core.config.limits.body_bytes}) {}

Connection::~Connection() { core_.dismiss(peer_.key); }

void Connection::start() {
  loop_.watch(*this);
  coroutine_.emplace(run());
  coroutine_->start(loop_);
}

void Connection::limit(milliseconds d) { deadline_ = std::chrono::steady_clock::now() + d; }

void Connection::check_time(SteadyTime now) {
  if (now < deadline_) return;
  expired_ = true;
  no_limit();
  transport_.cancel();
}

void Connection::drain() {
  if (!idle_) return;
  deadline_ = std::min(deadline_, std::chrono::steady_clock::now() + kDrainIdle);
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
  loop_.post_call([this] { ended_(this); });
}

Task<void> Connection::serve_all() {
  bool open = true;
  if (transport_.is_tls()) {
    open = co_await shake_hands();
    if (!open) core_.failed_handshakes.fetch_add(1);
  }
  while (open) {
    open = co_await serve_one();
  }
}

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
  Turn turn(core_);
  Stop stop = co_await read_head(turn);
  idle_ = false;
  if (stop == Stop::gone) co_return false;
  turn.id = loop_.new_request_id();
  turn.counted.emplace(core_);
  if (stop == Stop::none && turn.framing.body != BodyKind::none) {
    stop = co_await read_body(turn);
  }
  no_limit();
  bool open = false;
  if (stop == Stop::none) {
    Response response = co_await ask(turn);
    open = co_await answer(turn, std::move(response));
  } else if (stop != Stop::gone) {
    co_await answer(turn, refusal(stop));
    if (stop != Stop::late) co_await linger();
  }
  served_ += 1;
  co_return open;
}

Task<IoState> Connection::read_into(std::span<std::uint8_t> into, bool wait_first,
                                    std::size_t& got) {
  bool wait = wait_first && !transport_.may_have_buffered();
  IoOutcome step{.state = IoState::want_read};
  for (;;) {
    if (!wait) step = transport_.read_some(into);
    wait = false;
    if (step.state != IoState::want_read && step.state != IoState::want_write) break;
    const bool ready = co_await transport_.ready(step.state == IoState::want_write);
    if (!ready || expired_) co_return IoState::failed;
  }
  got = step.bytes;
  co_return step.state;
}

Connection::Stop Connection::stop_of(IoState state, bool anything) const {
  if (state == IoState::done) return Stop::none;
  // A first request that never came is told so; a connection kept for a next one is just closed.
  if (expired_ && (anything || served_ == 0) && !core_.draining.load()) return Stop::late;
  return expired_ && anything ? Stop::late : Stop::gone;
}

Connection::Stop Connection::stop_of(const Error& error) {
  if (error.is(Errc::body_too_large)) return Stop::body_too_large;
  if (error.is(Errc::header_count_exceeded)) return Stop::head_too_large;
  if (error.is(Errc::transfer_coding_unsupported)) return Stop::unsupported;
  if (error.is(Errc::content_coding_malformed)) return Stop::undecodable;
  if (error.is(Errc::pool_full) || error.is(Errc::peer_share_exceeded) ||
      error.is(Errc::pool_stopped)) {
    return Stop::busy;
  }
  return Stop::malformed;
}

Task<Connection::Stop> Connection::read_head(Turn& turn) {
  const auto& limits = core_.config.limits;
  HeadScan scan;
  parser_.reset();
  idle_ = buffer_.empty();
  limit(idle_ && served_ > 0 ? limits.keep_alive_timeout : limits.head_timeout);
  if (idle_ && core_.draining.load()) drain();
  turn.started = std::chrono::steady_clock::now();
  bool complete = false;
  while (!complete) {
    if (buffer_.empty()) {
      // nothing to scan yet
    } else if (scan.size() == 0) {
      buffer_.consume(leading_line_ends(buffer_.data()));
    }
    const auto scanned = scan.scan(buffer_.data());
    if (!scanned.ok()) co_return Stop::malformed;
    complete = *scanned;
    if (scan.size() > limits.head_bytes) co_return Stop::head_too_large;
    if (complete) break;
    std::size_t got = 0;
    const IoState state =
        co_await read_into(buffer_.prepare(ReadBuffer::kChunk), idle_, got);
    const Stop stop = stop_of(state, !buffer_.empty());
    if (stop != Stop::none) co_return stop;
    buffer_.commit(got);
    if (idle_) {
      idle_ = false;
      turn.started = std::chrono::steady_clock::now();
      limit(limits.head_timeout);
    }
  }
  if (scan.size() > kFreeHead && !turn.share.take(scan.size())) co_return Stop::busy;
  auto framing = parser_.parse_head(buffer_.data().first(scan.size()), turn.request);
  turn.head_read = true;
  turn.method = turn.request.method;
  turn.target = turn.request.target;
  buffer_.consume(scan.size());
  if (!framing.ok()) co_return stop_of(framing.error());
  turn.framing = *framing;
  if (const auto* h = turn.request.headers.find("referer")) turn.referer = *h;
  if (const auto* h = turn.request.headers.find("user-agent")) turn.user_agent = *h;
  co_return Stop::none;
}

Task<Connection::Stop> Connection::read_body(Turn& turn) {
  limit(core_.config.limits.body_timeout);
  if (turn.framing.expect_continue && buffer_.empty()) {
    const bool sent = co_await write_all(as_bytes("HTTP/1.1 100 Continue\r\n\r\n"));
    if (!sent) co_return Stop::gone;
    limit(core_.config.limits.body_timeout);
  }
  Stop stop = Stop::none;
  if (turn.framing.body == BodyKind::sized) {
    stop = co_await read_sized(turn);
  } else {
    stop = co_await read_chunked(turn);
  }
  turn.received = turn.request.body.size();
  if (stop != Stop::none) co_return stop;
  if (turn.request.headers.find("content-encoding") == nullptr) co_return Stop::none;
  stop = co_await decode(turn);
  co_return stop;
}

Task<Connection::Stop> Connection::read_sized(Turn& turn) {
  ByteVec& body = turn.request.body;
  const std::size_t length = turn.framing.length;
  const Bytes early = buffer_.data().first(std::min(length, buffer_.data().size()));
  if (!turn.share.take(early.size())) co_return Stop::busy;
  body.assign(early.begin(), early.end());
  buffer_.consume(early.size());
  while (body.size() < length) {
    // Memory grows with what has come, not with what was announced.
    const std::size_t before = body.size();
    const std::size_t step = std::min(length - before, std::max<std::size_t>(16384, before));
    if (!turn.share.take(step)) co_return Stop::busy;
    body.resize(before + step);
    std::size_t filled = before;
    while (filled < body.size()) {
      std::size_t got = 0;
      const IoState state = co_await read_into(std::span(body).subspan(filled), false, got);
      const Stop stop = stop_of(state, true);
      if (stop != Stop::none) co_return stop;
      filled += got;
    }
  }
  co_return Stop::none;
}

Task<Connection::Stop> Connection::read_chunked(Turn& turn) {
  ByteVec& body = turn.request.body;
  for (;;) {
    const std::size_t before = body.size();
    const auto used = parser_.feed_chunked(buffer_.data(), body);
    if (!used.ok()) co_return stop_of(used.error());
    if (!turn.share.take(body.size() - before)) co_return Stop::busy;
    buffer_.consume(*used);
    if (parser_.chunked_done()) co_return Stop::none;
    std::size_t got = 0;
    const IoState state =
        co_await read_into(buffer_.prepare(4 * ReadBuffer::kChunk), false, got);
    const Stop stop = stop_of(state, true);
    if (stop != Stop::none) co_return stop;
    buffer_.commit(got);
  }
}

Task<Connection::Stop> Connection::decode(Turn& turn) {
  const std::string coding = *turn.request.headers.find("content-encoding");
  const std::size_t limit_bytes = core_.config.limits.body_bytes;
  ByteVec& body = turn.request.body;
  if (!is_known_content_coding(coding)) co_return Stop::none;
  auto job = [&coding, &body, limit_bytes] { return decode_content(coding, body, limit_bytes); };
  Result<ByteVec> plain = ByteVec();
  if (core_.config.decode_pool != nullptr) {
    plain = co_await core_.config.decode_pool->run_light(peer_.key, job);
  } else {
    plain = job();
  }
  if (!plain.ok()) co_return stop_of(plain.error());
  if (!turn.share.take(plain->size())) co_return Stop::busy;
  body = std::move(*plain);
  co_return Stop::none;
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
  const bool close = response.close || !turn.framing.keep_alive || core_.draining.load();
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
  no_limit();
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
      continue;
    }
    if (step.state != IoState::want_read && step.state != IoState::want_write) co_return false;
    limit(core_.config.limits.write_timeout);
    const bool ready = co_await transport_.ready(step.state == IoState::want_write);
    if (!ready || expired_) co_return false;
  }
  co_return true;
}

Task<void> Connection::linger() {
  // Reading on for a moment keeps the system from resetting the connection while the answer is
  // still under way to a peer that goes on sending.
  transport_.shutdown_send();
  limit(kLinger);
  std::size_t left = kLingerBytes;
  while (left > 0) {
    std::size_t got = 0;
    const IoState state = co_await read_into(buffer_.prepare(4 * ReadBuffer::kChunk), false, got);
    if (state != IoState::done) break;
    left -= std::min(left, got);
  }
}

Response Connection::refusal(Stop stop) {
  Response r;
  switch (stop) {
    case Stop::none:
    case Stop::gone:
    case Stop::malformed: r.status = 400; break;
    case Stop::late: r.status = 408; break;
    case Stop::head_too_large: r.status = 431; break;
    case Stop::body_too_large:
      r = text_response(413, "text/plain; charset=utf-8", "payload reached size limit");
      break;
    case Stop::unsupported: r.status = 501; break;
    case Stop::undecodable:
      r = text_response(400, "text/plain; charset=utf-8", "can not decode content-encoding");
      break;
    case Stop::busy:
      r.status = 503;
      r.headers.add("retry-after", "1");
      break;
  }
  r.close = true;
  return r;
}

void Connection::record(const Turn& turn, const Response& response, bool delivered) {
  using std::chrono::duration_cast;
  using std::chrono::microseconds;
  core_.requests.fetch_add(1, std::memory_order_relaxed);
  if (!core_.config.on_exchange) return;
  Exchange e;
  e.peer_address = peer_.address;
  if (turn.head_read && !turn.method.empty()) {
    e.request_line = turn.method + ' ' + turn.target + " HTTP/1." +
                     std::to_string(turn.request.minor_version);
  }
  e.path = turn.target.substr(0, turn.target.find('?'));
  e.status = response.status;
  e.request_bytes = turn.received;
  e.response_bytes = response.body.size();
  e.referer = turn.referer;
  e.user_agent = turn.user_agent;
  e.until_head = duration_cast<microseconds>(turn.answered - turn.started);
  e.total = duration_cast<microseconds>(std::chrono::steady_clock::now() - turn.started);
  e.delivered = delivered;
  e.id = RequestId(turn.id);
  core_.config.on_exchange(e);
}

}  // namespace trustee::net

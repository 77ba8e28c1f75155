#include <algorithm>

#include "net/content_coding.h"
#include "net/internal/connection.h"
#include "net/internal/turn.h"

namespace trustee::net {

using std::chrono::milliseconds;

constexpr milliseconds kLinger{2000};
constexpr std::size_t kLingerBytes = 16u << 20;
constexpr std::uint64_t kSlowestBody = 64u << 10;  // bytes per second that keep a body alive

void Connection::limit(milliseconds d) { deadline_ = std::chrono::steady_clock::now() + d; }

void Connection::extend_limit(std::size_t bytes) {
  deadline_ += std::chrono::microseconds(bytes * 1'000'000 / kSlowestBody);
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
  idle_ = buffer_.empty();
  limit(idle_ && served_ > 0 ? limits.keep_alive_timeout : limits.head_timeout);
  if (idle_ && core_.draining.load()) drain();
  turn.started = std::chrono::steady_clock::now();
  bool complete = false;
  while (!complete) {
    if (scan.size() == 0) buffer_.consume(leading_line_ends(buffer_.data()));
    const auto scanned = scan.scan(buffer_.data());
    if (!scanned.ok()) co_return Stop::malformed;
    complete = *scanned;
    if (scan.size() > limits.head_bytes) co_return Stop::head_too_large;
    if (!turn.hold_head(scan.size())) co_return Stop::busy;
    if (complete) break;
    std::size_t got = 0;
    const IoState state = co_await read_into(buffer_.prepare(ReadBuffer::kChunk), idle_, got);
    const Stop stop = stop_of(state, !buffer_.empty());
    if (stop != Stop::none) co_return stop;
    buffer_.commit(got);
    if (idle_) {
      idle_ = false;
      turn.started = std::chrono::steady_clock::now();
      limit(limits.head_timeout);
    }
  }
  auto framing = parse_head(buffer_.data().first(scan.size()),
                            {limits.header_count, limits.body_bytes}, turn.request);
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
  WipedVec& body = turn.request.body;
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
      extend_limit(got);
    }
  }
  co_return Stop::none;
}

Task<Connection::Stop> Connection::read_chunked(Turn& turn) {
  WipedVec& body = turn.request.body;
  ChunkDecoder decoder(core_.config.limits.body_bytes);
  for (;;) {
    const std::size_t before = body.size();
    const auto used = decoder.feed(buffer_.data(), body);
    if (!used.ok()) co_return stop_of(used.error());
    if (!turn.share.take(body.size() - before)) co_return Stop::busy;
    buffer_.consume(*used);
    if (decoder.done()) co_return Stop::none;
    std::size_t got = 0;
    const IoState state = co_await read_into(buffer_.prepare(4 * ReadBuffer::kChunk), false, got);
    const Stop stop = stop_of(state, true);
    if (stop != Stop::none) co_return stop;
    buffer_.commit(got);
    extend_limit(got);
  }
}

Task<Connection::Stop> Connection::decode(Turn& turn) {
  const std::string coding = *turn.request.headers.find("content-encoding");
  const std::size_t limit_bytes = core_.config.limits.body_bytes;
  WipedVec& body = turn.request.body;
  if (!is_known_content_coding(coding)) co_return Stop::none;
  auto job = [&coding, &body, limit_bytes] { return decode_content(coding, body, limit_bytes); };
  Result<WipedVec> plain = WipedVec();
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

}  // namespace trustee::net

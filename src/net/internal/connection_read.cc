#include <algorithm>

#include "net/content_coding.h"
#include "net/internal/connection.h"
#include "net/internal/turn.h"

namespace trustee::net {

using std::chrono::milliseconds;

constexpr milliseconds kLinger{2000};
constexpr std::size_t kLingerBytes = 16u << 20;

void Connection::limit(milliseconds d) { limit_.set(std::chrono::steady_clock::now() + d); }

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

Stop Connection::stop_after(IoState state, bool anything) const {
  if (state == IoState::done) return Stop::none;
  // A first request that never came is told so; a connection kept for a next one is just closed.
  if (expired_ && (anything || served_ == 0) && !core_.draining.load()) return Stop::late;
  return expired_ && anything ? Stop::late : Stop::gone;
}

Task<Stop> Connection::read_head(Turn& turn) {
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
    // Large heads come in larger pieces, which also bounds what comes of the request behind them.
    const bool large = scan.size() >= ReadBuffer::kKept;
    const std::size_t room = large ? ReadBuffer::kKept : ReadBuffer::kChunk;
    std::size_t got = 0;
    const IoState state = co_await read_into(buffer_.prepare(room), idle_, got);
    const Stop stop = stop_after(state, !buffer_.empty());
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

Task<Stop> Connection::read_body(Turn& turn) {
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

Task<Stop> Connection::read_sized(Turn& turn) {
  WipedVec& body = turn.request.body;
  const std::size_t length = turn.framing.length;
  const Bytes early = buffer_.data().first(std::min(length, buffer_.data().size()));
  if (!turn.hold_body(early.size())) co_return Stop::busy;
  body.assign(early.begin(), early.end());
  buffer_.consume(early.size());
  while (body.size() < length) {
    // Memory grows with what has come, not with what was announced.
    const std::size_t before = body.size();
    const std::size_t step = std::min(length - before, std::max<std::size_t>(16384, before));
    if (!turn.hold_body(before + step)) co_return Stop::busy;
    body.resize(before + step);
    std::size_t filled = before;
    while (filled < body.size()) {
      std::size_t got = 0;
      const IoState state = co_await read_into(std::span(body).subspan(filled), false, got);
      const Stop stop = stop_after(state, true);
      if (stop != Stop::none) co_return stop;
      filled += got;
      limit_.extend(got);
    }
  }
  co_return Stop::none;
}

Task<Stop> Connection::read_chunked(Turn& turn) {
  WipedVec& body = turn.request.body;
  ChunkDecoder decoder(core_.config.limits.body_bytes);
  for (;;) {
    const auto used = decoder.feed(buffer_.data(), body);
    if (!used.ok()) co_return stop_of(used.error());
    if (!turn.hold_body(body.size())) co_return Stop::busy;
    buffer_.consume(*used);
    if (decoder.done()) co_return Stop::none;
    std::size_t got = 0;
    const IoState state = co_await read_into(buffer_.prepare(ReadBuffer::kKept), false, got);
    const Stop stop = stop_after(state, true);
    if (stop != Stop::none) co_return stop;
    buffer_.commit(got);
    limit_.extend(got);
  }
}

Task<Stop> Connection::decode(Turn& turn) {
  const auto coding = content_coding(turn.request.headers);
  if (!coding.ok()) co_return stop_of(coding.error());
  if (!is_known_content_coding(*coding)) co_return Stop::none;
  const std::size_t limit_bytes = core_.config.limits.body_bytes;
  WipedVec& body = turn.request.body;
  auto job = [&coding, &body, limit_bytes] { return decode_content(*coding, body, limit_bytes); };
  Result<WipedVec> plain = WipedVec();
  if (core_.config.decode_pool != nullptr) {
    plain = co_await core_.config.decode_pool->run(peer_.key, job);
  } else {
    plain = internal::call_job(job);
  }
  if (!plain.ok()) co_return stop_of(plain.error());
  if (!turn.hold_body(body.size() + plain->size())) co_return Stop::busy;
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
    const IoState state = co_await read_into(buffer_.prepare(ReadBuffer::kKept), false, got);
    if (state != IoState::done) break;
    left -= std::min(left, got);
  }
}

}  // namespace trustee::net

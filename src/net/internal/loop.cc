#include "net/internal/loop.h"

#include <unistd.h>

#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <ctime>

#include "base/bytes.h"
#include "base/check.h"

namespace trustee::net {
namespace asio = boost::asio;

using SteadyTime = std::chrono::steady_clock::time_point;
constexpr std::chrono::milliseconds kTick{50};

struct Loop::State {
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  asio::steady_timer tick_timer{context};
  std::thread thread;
  std::time_t date_second = 0;
  std::string date;
  ByteArray<256> random{};
  std::size_t random_used = 256;
};

void GiveWay::await_suspend(std::coroutine_handle<> h) const { loop.post(h); }

Loop::Loop() : state_(std::make_unique<State>()) {}

Loop::~Loop() {
  stop();
  join();
}

asio::io_context& Loop::context() { return state_->context; }

void Loop::post(std::coroutine_handle<> h) {
  asio::post(state_->context, [h] { h.resume(); });
}

void Loop::post_call(std::function<void()> fn) { asio::post(state_->context, std::move(fn)); }

void Loop::post_at(SteadyTime t, std::coroutine_handle<> h) {
  auto timer = std::make_shared<asio::steady_timer>(state_->context, t);
  timer->async_wait([timer, h](const boost::system::error_code&) { h.resume(); });
}

void Loop::call_after(std::chrono::milliseconds d, std::function<void()> fn) {
  post_call([this, d, fn = std::move(fn)]() mutable {
    auto timer = std::make_shared<asio::steady_timer>(state_->context, d);
    timer->async_wait([timer, fn = std::move(fn)](const boost::system::error_code& ec) {
      if (!ec) fn();
    });
  });
}

void Loop::start_thread() {
  state_->thread = std::thread([this] { state_->context.run(); });
}

void Loop::stop() {
  state_->work.reset();
  state_->context.stop();
}

void Loop::join() {
  if (state_->thread.joinable()) state_->thread.join();
}

void Loop::watch(Timed& timed) {
  watched_.insert(&timed);
  if (!ticking_) {
    ticking_ = true;
    tick();
  }
}

void Loop::unwatch(Timed& timed) { watched_.erase(&timed); }

void Loop::tick() {
  if (watched_.empty()) {
    ticking_ = false;
    return;
  }
  state_->tick_timer.expires_after(kTick);
  state_->tick_timer.async_wait([this](const boost::system::error_code& ec) {
    if (ec) return;
    const SteadyTime now = std::chrono::steady_clock::now();
    for (Timed* timed : watched_) {
      timed->check_time(now);
    }
    tick();
  });
}

const std::string& Loop::http_date() {
  const std::time_t now = std::time(nullptr);
  if (now == state_->date_second) return state_->date;
  static constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed",
                                                       "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm t{};
  ::gmtime_r(&now, &t);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                kDays.at(static_cast<std::size_t>(t.tm_wday)), t.tm_mday,
                kMonths.at(static_cast<std::size_t>(t.tm_mon)), t.tm_year + 1900, t.tm_hour,
                t.tm_min, t.tm_sec);
  state_->date = text.data();
  state_->date_second = now;
  return state_->date;
}

std::string Loop::new_request_id() {
  constexpr std::size_t kIdBytes = 16;
  auto& s = *state_;
  if (s.random_used + kIdBytes > s.random.size()) {
    TRUSTEE_CHECK(::getentropy(s.random.data(), s.random.size()) == 0);
    s.random_used = 0;
  }
  std::string id;
  id.reserve(2 * kIdBytes);
  for (std::size_t i = 0; i < kIdBytes; ++i) {
    const std::uint8_t b = s.random[s.random_used + i];
    id.push_back("0123456789abcdef"[b >> 4]);
    id.push_back("0123456789abcdef"[b & 15]);
  }
  s.random_used += kIdBytes;
  return id;
}

}  // namespace trustee::net

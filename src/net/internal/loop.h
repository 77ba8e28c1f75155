#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "net/task.h"

namespace boost::asio {
class io_context;
}

namespace trustee::net {

/// Something on a loop that has a time limit. Checked about every 50 ms.
class Timed {
 public:
  virtual ~Timed() = default;
  virtual void check_time(std::chrono::steady_clock::time_point now) = 0;
};

class Loop;

/// co_await loop.give_way(): comes back behind everything else that the loop has ready.
struct GiveWay {
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> h) const;
  void await_resume() const noexcept {}
  Loop& loop;
};

/// One worker thread with its event loop. Connections live on one loop for life, so they need no
/// lock. Time limits are kept by one coarse tick instead of a timer per operation.
class Loop final : public Executor {
 public:
  Loop();
  ~Loop() override;

  void post(std::coroutine_handle<> h) override;
  void post_at(std::chrono::steady_clock::time_point t, std::coroutine_handle<> h) override;
  /// Runs `fn` on the loop's thread, later. From any thread.
  void post_call(std::function<void()> fn);
  /// Runs `fn` on the loop's thread after `d`, unless the loop stops first. From any thread.
  void call_after(std::chrono::milliseconds d, std::function<void()> fn);

  void start_thread();
  /// Makes the thread leave as soon as the current call returns; from any thread.
  void stop();
  void join();

  // On the loop's thread only:
  void watch(Timed& timed);
  void unwatch(Timed& timed);
  /// The current time as an HTTP date; made once per second.
  const std::string& http_date();
  GiveWay give_way() { return GiveWay{*this}; }
  /// 32 lower-case hex digits, random. Cost: one system call per 16 ids.
  std::string new_request_id();

  boost::asio::io_context& context();

 private:
  void tick();

  struct State;
  std::unique_ptr<State> state_;
  std::set<Timed*> watched_;
  bool ticking_ = false;
};

}  // namespace trustee::net

#include "net/task.h"

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>

namespace trustee::net {

using SteadyTime = std::chrono::steady_clock::time_point;

struct BlockingExecutor::State {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::coroutine_handle<>> ready;
  std::multimap<SteadyTime, std::coroutine_handle<>> timed;

  /// Moves what is due; the caller holds the lock.
  void collect_due() {
    const SteadyTime now = std::chrono::steady_clock::now();
    while (!timed.empty() && timed.begin()->first <= now) {
      ready.push_back(timed.begin()->second);
      timed.erase(timed.begin());
    }
  }
};

BlockingExecutor::BlockingExecutor() : state_(std::make_unique<State>()) {}
BlockingExecutor::~BlockingExecutor() = default;

void BlockingExecutor::post(std::coroutine_handle<> h) {
  const std::lock_guard lock(state_->mutex);
  state_->ready.push_back(h);
  state_->changed.notify_one();
}

void BlockingExecutor::post_at(SteadyTime t, std::coroutine_handle<> h) {
  const std::lock_guard lock(state_->mutex);
  state_->timed.emplace(t, h);
  state_->changed.notify_one();
}

void BlockingExecutor::run_one() {
  std::coroutine_handle<> next;
  {
    std::unique_lock lock(state_->mutex);
    for (;;) {
      state_->collect_due();
      if (!state_->ready.empty()) break;
      if (state_->timed.empty()) {
        state_->changed.wait(lock);
      } else {
        const SteadyTime t = state_->timed.begin()->first;
        state_->changed.wait_until(lock, t);
      }
    }
    next = state_->ready.front();
    state_->ready.pop_front();
  }
  next.resume();
}

}  // namespace trustee::net

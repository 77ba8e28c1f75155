#pragma once

#include <chrono>
#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/check.h"

#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ <= 12
#error "g++ 12 and older destroy co_await temporaries twice; build coroutines with clang"
#endif

namespace trustee::net {

/// Where coroutines run: one thread's queue. A coroutine started on an executor is only ever
/// resumed there, so its locals need no lock.
class Executor : public std::enable_shared_from_this<Executor> {
 public:
  virtual ~Executor() = default;
  /// Resumes `h` on the executor's thread, later. Callable from any thread. After the executor has
  /// stopped the handle is dropped, not resumed.
  virtual void post(std::coroutine_handle<> h) = 0;
  /// The same at a time. Called on the executor's own thread only.
  virtual void post_at(std::chrono::steady_clock::time_point t, std::coroutine_handle<> h) = 0;
};

template <class T>
class Task;

/// What every coroutine of ours carries: its executor and who waits for it.
struct PromiseBase {
  /// At the end of a coroutine: goes on with who waits for it, if anybody does.
  struct FinalAwaiter {
    bool await_ready() const noexcept { return false; }
    template <class P>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<P> h) const noexcept {
      const std::coroutine_handle<> next = h.promise().continuation;
      return next ? next : std::coroutine_handle<>(std::noop_coroutine());
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() const noexcept { return {}; }
  FinalAwaiter final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { exception = std::current_exception(); }
  void rethrow() const {
    if (exception) std::rethrow_exception(exception);
  }

  Executor* executor = nullptr;          ///< set before it runs; outlives it
  std::coroutine_handle<> continuation;  ///< who waits; null for a root
  std::exception_ptr exception;          ///< what ended it, if anything did
};

/// That of a coroutine that yields one T.
template <class T>
struct Promise : PromiseBase {
  Task<T> get_return_object();
  void return_value(T v) { value.emplace(std::move(v)); }
  /// Once, after the end. Throws what ended the coroutine.
  T take() {
    rethrow();
    TRUSTEE_CHECK(value.has_value());
    return std::move(*value);
  }
  std::optional<T> value;
};

/// That of a coroutine that yields nothing.
template <>
struct Promise<void> : PromiseBase {
  Task<void> get_return_object();
  void return_void() const {}
  void take() const { rethrow(); }
};

/// A coroutine that runs when it is awaited, on the executor of whoever awaits it, and yields one
/// T. Move only; dropping it destroys the coroutine, which must not be running. An exception (from
/// a library, ours throw none) leaves through the co_await.
/// Use: one co_await per statement; its arguments are named variables or calls; parameters by
/// value, or `&` to what outlives the task.
template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle h) : handle_(h) {}  ///< owns it from here on
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      reset();
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }
  ~Task() { reset(); }

  /// co_await task: runs it and comes back with what it yields. Lifetime: that of the task.
  struct Awaiter {
    bool await_ready() const noexcept { return false; }
    template <class P>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<P> caller) const noexcept {
      handle.promise().executor = caller.promise().executor;
      handle.promise().continuation = caller;
      return handle;
    }
    T await_resume() const { return handle.promise().take(); }
    Handle handle;
  };
  Awaiter operator co_await() const {
    TRUSTEE_CHECK(handle_);
    return Awaiter{handle_};
  }

  /// Starts it as a root: runs on the calling thread, which must be the executor's, until it first
  /// waits. The owner keeps the Task until `done()`. Lifetime: the executor outlives the task.
  void start(Executor& executor) {
    TRUSTEE_CHECK(handle_);
    handle_.promise().executor = &executor;
    handle_.resume();
  }
  bool done() const { return handle_ && handle_.done(); }
  /// The result of a root that is done, once. Throws what ended it.
  T take() { return handle_.promise().take(); }

 private:
  void reset() {
    if (handle_) handle_.destroy();
    handle_ = nullptr;
  }
  Handle handle_;
};

template <class T>
Task<T> Promise<T>::get_return_object() {
  return Task<T>(Task<T>::Handle::from_promise(*this));
}
inline Task<void> Promise<void>::get_return_object() {
  return Task<void>(Task<void>::Handle::from_promise(*this));
}

/// What sleep_for yields.
struct SleepAwaiter {
  bool await_ready() const noexcept { return duration.count() <= 0; }
  template <class P>
  void await_suspend(std::coroutine_handle<P> h) const {
    h.promise().executor->post_at(std::chrono::steady_clock::now() + duration, h);
  }
  void await_resume() const noexcept {}
  std::chrono::milliseconds duration;
};
/// co_await sleep_for(d): comes back after `d` at the earliest, at once for none.
inline SleepAwaiter sleep_for(std::chrono::milliseconds d) { return SleepAwaiter{d}; }

/// Runs the executor's loop on this thread until `done` says so. For tools and tests.
class BlockingExecutor final : public Executor {
 public:
  BlockingExecutor();
  ~BlockingExecutor() override;
  void post(std::coroutine_handle<> h) override;
  void post_at(std::chrono::steady_clock::time_point t, std::coroutine_handle<> h) override;
  /// Resumes the next posted coroutine, waiting for one.
  void run_one();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Runs a task to its end on this thread.
template <class T>
T run_blocking(Task<T> task) {
  const auto executor = std::make_shared<BlockingExecutor>();
  task.start(*executor);
  while (!task.done()) {
    executor->run_one();
  }
  return task.take();
}

/// Counts children of when_all; lives in its frame. One thread only.
struct JoinCounter {
  /// co_await counter.join(): comes back when no child runs any more.
  struct Awaiter {
    bool await_ready() const noexcept { return counter.running == 0; }
    void await_suspend(std::coroutine_handle<> h) const noexcept { counter.waiter = h; }
    void await_resume() const noexcept {}
    JoinCounter& counter;
  };
  Awaiter join() { return Awaiter{*this}; }
  std::size_t running = 0;         ///< children not yet done
  std::coroutine_handle<> waiter;  ///< who awaits join(), if anybody does
};

/// What current_executor yields.
struct CurrentExecutor {
  bool await_ready() const noexcept { return false; }
  template <class P>
  bool await_suspend(std::coroutine_handle<P> h) noexcept {
    executor = h.promise().executor;
    return false;
  }
  Executor& await_resume() const noexcept { return *executor; }
  Executor* executor = nullptr;
};
/// co_await current_executor(): the executor this coroutine runs on.
inline CurrentExecutor current_executor() { return {}; }

/// Runs one child of when_all into its slot, or what it threw into `failure`. Lifetime: the
/// references are to the frame of when_all.
template <class T>
Task<void> run_child(Task<T> child, std::optional<T>& slot, std::exception_ptr& failure,
                     JoinCounter& counter, Executor& executor) {
  try {
    slot.emplace(co_await child);
  } catch (...) {
    failure = std::current_exception();
  }
  counter.running -= 1;
  if (counter.running == 0 && counter.waiter) executor.post(counter.waiter);
}

/// Runs all tasks on this executor, interleaved at their awaits, and yields their results in order
/// once every one is done. Rethrows the first exception, also only then.
template <class T>
Task<std::vector<T>> when_all(std::vector<Task<T>> tasks) {
  Executor& executor = co_await current_executor();
  std::vector<std::optional<T>> slots(tasks.size());
  std::exception_ptr failure;
  JoinCounter counter;
  counter.running = tasks.size();
  std::vector<Task<void>> children;
  children.reserve(tasks.size());
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    children.push_back(run_child(std::move(tasks[i]), slots[i], failure, counter, executor));
  }
  for (auto& child : children) {
    child.start(executor);
  }
  co_await counter.join();
  if (failure) std::rethrow_exception(failure);
  std::vector<T> out;
  out.reserve(slots.size());
  for (auto& slot : slots) {
    out.push_back(std::move(*slot));
  }
  co_return out;
}

}  // namespace trustee::net

#pragma once

#include <atomic>
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "base/result.h"
#include "net/errors.h"
#include "net/http.h"
#include "net/task.h"

namespace trustee::net {

/// How many threads a pool has and how much work may wait for them.
struct PoolConfig {
  std::size_t threads = 1;  ///< at least 1
  std::size_t queue = 64;   ///< jobs waiting, beyond those running
  /// Jobs one peer may have running or waiting; 0 for half of `threads + queue`, at least 1.
  std::size_t per_peer = 0;
};

/// Figures of one moment, for metrics.
struct PoolLoad {
  std::size_t running = 0;      ///< on the pool's threads and on callers'
  std::size_t waiting = 0;      ///< in the queue
  std::uint64_t completed = 0;  ///< since the start, as the next
  std::uint64_t refused = 0;
};

/// What the pool knows of one piece of work. Made by ComputePool::run.
class PoolJob {
 public:
  /// `abandoned`: its caller went while it was queued, so it never runs.
  enum class State : std::uint8_t { queued, running, done, abandoned };

  PoolJob() = default;
  virtual ~PoolJob() = default;
  PoolJob(const PoolJob&) = delete;
  PoolJob& operator=(const PoolJob&) = delete;
  /// Does the work and keeps its result.
  virtual void execute() noexcept = 0;

  PeerKey peer{};                  ///< whose share it counts against
  State state = State::queued;     ///< guarded by the pool's mutex
  std::coroutine_handle<> waiter;  ///< resumed once it is done
  std::shared_ptr<Executor> home;  ///< where that happens
};

namespace internal {

template <class R>
struct FlatResult {
  using Type = Result<R>;
};
template <class R>
struct FlatResult<Result<R>> {
  using Type = Result<R>;
};

/// Calls `fn` and turns what it throws into job_failed.
template <class F>
auto call_job(F& fn) -> typename FlatResult<std::invoke_result_t<F&>>::Type {
  using R = std::invoke_result_t<F&>;
  try {
    if constexpr (std::is_void_v<R>) {
      fn();
      return {};
    } else {
      return fn();
    }
  } catch (const std::exception& e) {
    return Error(Errc::job_failed, e.what());
  } catch (...) {
    return Error(Errc::job_failed);
  }
}

template <class F>
class FunctionJob final : public PoolJob {
 public:
  using Outcome = typename FlatResult<std::invoke_result_t<F&>>::Type;
  explicit FunctionJob(F fn) : fn_(std::move(fn)) {}
  void execute() noexcept override { outcome.emplace(call_job(fn_)); }
  std::optional<Outcome> outcome;

 private:
  F fn_;
};

}  // namespace internal

/// A bounded pool of threads: `threads` jobs run, `queue` jobs wait, one peer has at most its
/// share, and what comes on top is refused at once, so that the caller can answer 503 with
/// Retry-After. One instance computes (signatures, policies), another waits (blocking stores).
class ComputePool {
 public:
  /// Errors: pool_config_invalid.
  static Result<std::unique_ptr<ComputePool>> create(PoolConfig config);
  /// Finishes what is queued, then joins the threads.
  ~ComputePool();
  ComputePool(const ComputePool&) = delete;
  ComputePool& operator=(const ComputePool&) = delete;

  template <class F>
  class Awaiter;

  /// co_await pool.run(peer, std::move(fn)): runs `fn` on a pool thread and comes back to the
  /// caller's executor with Result<R>, where `fn` returns R or Result<R>. `fn` may refer to the
  /// caller's locals: when the caller is destroyed meanwhile, its destructor waits for `fn`.
  /// Errors: pool_full, peer_share_exceeded, pool_stopped, job_failed; those of `fn`.
  /// Cost: two thread changes, about 10 µs.
  template <class F>
  Awaiter<F> run(const PeerKey& peer, F fn) {
    return Awaiter<F>(*this, peer, std::move(fn), false);
  }
  /// The same for work of a few milliseconds at most: done at once on the caller's own thread, and
  /// counted against no peer's share, while fewer than `threads` jobs run, none waits and the pool
  /// is not stopping. That saves the thread changes and holds up what else the thread serves. Else
  /// as `run`.
  template <class F>
  Awaiter<F> run_light(const PeerKey& peer, F fn) {
    return Awaiter<F>(*this, peer, std::move(fn), true);
  }

  /// Any thread.
  PoolLoad load() const;
  std::size_t threads() const;  ///< as configured
  /// Refuses new jobs, finishes the queued ones, joins. Idempotent.
  void stop();

 private:
  struct State;
  explicit ComputePool(PoolConfig config);
  Result<void> submit(const std::shared_ptr<PoolJob>& job);
  void abandon(PoolJob& job);
  bool enter_inline();
  void leave_inline();

  std::unique_ptr<State> state_;
};

/// What `run` and `run_light` yield, to be awaited where it is made. Lifetime: within that of the
/// pool.
template <class F>
class ComputePool::Awaiter {
 public:
  using Job = internal::FunctionJob<F>;
  using Outcome = typename Job::Outcome;

  Awaiter(ComputePool& pool, const PeerKey& peer, F fn, bool light)
      : pool_(pool), peer_(peer), fn_(std::move(fn)), light_(light) {}
  Awaiter(const Awaiter&) = delete;
  Awaiter& operator=(const Awaiter&) = delete;
  ~Awaiter() {
    if (job_) pool_.abandon(*job_);
  }

  bool await_ready() {
    if (!light_ || !pool_.enter_inline()) return false;
    outcome_.emplace(internal::call_job(*fn_));
    pool_.leave_inline();
    return true;
  }
  template <class P>
  bool await_suspend(std::coroutine_handle<P> h) {
    auto job = std::make_shared<Job>(std::move(*fn_));
    job->peer = peer_;
    job->waiter = h;
    job->home = h.promise().executor->shared_from_this();
    job_ = job;
    if (auto accepted = pool_.submit(job); !accepted.ok()) {
      job_.reset();
      outcome_.emplace(std::move(accepted).error());
      return false;
    }
    return true;  // from here on another thread may already have finished the job
  }
  Outcome await_resume() {
    if (job_) {
      Outcome out = std::move(*job_->outcome);
      job_.reset();
      return out;
    }
    return std::move(*outcome_);
  }

 private:
  ComputePool& pool_;
  PeerKey peer_;
  std::optional<F> fn_;
  bool light_;
  std::shared_ptr<Job> job_;
  std::optional<Outcome> outcome_;
};

}  // namespace trustee::net

#include "net/compute_pool.h"

#include <gtest/gtest.h>

#include <future>
#include <latch>
#include <stdexcept>
#include <thread>

namespace trustee::net {
namespace {

PeerKey peer(std::uint8_t n) {
  PeerKey k{};
  k[0] = n;
  return k;
}

template <class F>
Task<typename ComputePool::Awaiter<F>::Outcome> on(ComputePool& pool, PeerKey who, F fn) {
  co_return co_await pool.run(who, std::move(fn));
}
template <class F>
Task<typename ComputePool::Awaiter<F>::Outcome> light_on(ComputePool& pool, PeerKey who, F fn) {
  co_return co_await pool.run_light(who, std::move(fn));
}

/// Occupies one pool thread until released.
class Blocker {
 public:
  Blocker(ComputePool& pool, PeerKey who) {
    thread_ = std::thread([this, &pool, who] {
      const auto wait = [this] {
        started_.count_down();
        release_.get_future().wait();
      };
      done_ = run_blocking(on(pool, who, wait)).ok();
    });
    started_.wait();
  }
  ~Blocker() { release(); }
  bool release() {
    if (!thread_.joinable()) return done_;
    release_.set_value();
    thread_.join();
    return done_;
  }

 private:
  std::latch started_{1};
  std::promise<void> release_;
  std::thread thread_;
  bool done_ = false;
};

TEST(ComputePool, runs_work_on_another_thread_and_comes_back) {
  auto pool = ComputePool::create({.threads = 1});
  ASSERT_TRUE(pool.ok());
  const auto id = run_blocking(on(**pool, peer(1), [] { return std::this_thread::get_id(); }));
  ASSERT_TRUE(id.ok());
  EXPECT_NE(*id, std::this_thread::get_id());
}

TEST(ComputePool, passes_results_and_errors_of_the_work_through) {
  auto pool = ComputePool::create({.threads = 1});
  const auto good = run_blocking(on(**pool, peer(1), [] { return Result<int>(7); }));
  ASSERT_TRUE(good.ok());
  EXPECT_EQ(*good, 7);
  const auto bad =
      run_blocking(on(**pool, peer(1), [] { return Result<int>(Errc::chunk_malformed); }));
  ASSERT_FALSE(bad.ok());
  EXPECT_TRUE(bad.error().is(Errc::chunk_malformed));
}

TEST(ComputePool, turns_an_exception_into_a_code) {
  auto pool = ComputePool::create({.threads = 1});
  const auto r = run_blocking(on(**pool, peer(1), []() -> int { throw std::runtime_error("x"); }));
  ASSERT_FALSE(r.ok());
  EXPECT_TRUE(r.error().is(Errc::job_failed));
}

TEST(ComputePool, refuses_at_once_when_threads_and_queue_are_full) {
  auto pool = ComputePool::create({.threads = 1, .queue = 0, .per_peer = 100});
  Blocker blocker(**pool, peer(1));
  const auto r = run_blocking(on(**pool, peer(2), [] { return 1; }));
  ASSERT_FALSE(r.ok());
  EXPECT_TRUE(r.error().is(Errc::pool_full));
  EXPECT_TRUE(blocker.release());
  EXPECT_TRUE(run_blocking(on(**pool, peer(2), [] { return 1; })).ok());
  EXPECT_EQ((*pool)->load().refused, 1u);
}

TEST(ComputePool, gives_one_peer_its_share_only) {
  auto pool = ComputePool::create({.threads = 1, .queue = 10, .per_peer = 1});
  Blocker blocker(**pool, peer(1));
  const auto same = run_blocking(on(**pool, peer(1), [] { return 1; }));
  ASSERT_FALSE(same.ok());
  EXPECT_TRUE(same.error().is(Errc::peer_share_exceeded));
  std::thread other([&] { EXPECT_TRUE(run_blocking(on(**pool, peer(2), [] { return 1; })).ok()); });
  while ((*pool)->load().waiting == 0) {
    std::this_thread::yield();
  }
  blocker.release();
  other.join();
}

TEST(ComputePool, does_light_work_on_the_callers_thread_while_it_is_idle) {
  auto pool = ComputePool::create({.threads = 1, .queue = 10});
  const auto own =
      run_blocking(light_on(**pool, peer(1), [] { return std::this_thread::get_id(); }));
  ASSERT_TRUE(own.ok());
  EXPECT_EQ(*own, std::this_thread::get_id());
  EXPECT_EQ((*pool)->load().running, 0u);
}

TEST(ComputePool, queues_light_work_while_it_is_busy) {
  auto pool = ComputePool::create({.threads = 1, .queue = 0, .per_peer = 100});
  Blocker blocker(**pool, peer(1));
  const auto r = run_blocking(light_on(**pool, peer(2), [] { return 1; }));
  ASSERT_FALSE(r.ok());
  EXPECT_TRUE(r.error().is(Errc::pool_full));
}

TEST(ComputePool, finishes_queued_work_when_it_stops_and_then_refuses) {
  auto pool = ComputePool::create({.threads = 1, .queue = 10, .per_peer = 100});
  Blocker blocker(**pool, peer(1));
  std::thread queued(
      [&] { EXPECT_TRUE(run_blocking(on(**pool, peer(2), [] { return 1; })).ok()); });
  while ((*pool)->load().waiting == 0) {
    std::this_thread::yield();
  }
  std::thread stopper([&] { (*pool)->stop(); });
  blocker.release();
  stopper.join();
  queued.join();
  const auto late = run_blocking(on(**pool, peer(2), [] { return 1; }));
  ASSERT_FALSE(late.ok());
  EXPECT_TRUE(late.error().is(Errc::pool_stopped));
}

TEST(ComputePool, waits_for_running_work_of_a_caller_that_goes) {
  auto pool = ComputePool::create({.threads = 1, .queue = 1, .per_peer = 100});
  const auto executor = std::make_shared<BlockingExecutor>();
  std::latch started(1);
  std::promise<void> release;
  std::string local = "alive";
  std::string seen;
  {
    auto fn = [&] {
      started.count_down();
      release.get_future().wait();
      seen = local;
    };
    auto task = on(**pool, peer(1), fn);
    task.start(*executor);
    started.wait();
    std::thread later([&] { release.set_value(); });
    later.detach();
  }
  EXPECT_EQ(seen, "alive");
}

TEST(ComputePool, drops_queued_work_of_a_caller_that_goes) {
  auto pool = ComputePool::create({.threads = 1, .queue = 1, .per_peer = 100});
  const auto executor = std::make_shared<BlockingExecutor>();
  Blocker blocker(**pool, peer(1));
  bool ran = false;
  {
    auto task = on(**pool, peer(2), [&ran] { ran = true; });
    task.start(*executor);
    EXPECT_EQ((*pool)->load().waiting, 1u);
  }
  EXPECT_EQ((*pool)->load().waiting, 0u);
  blocker.release();
  (*pool)->stop();
  EXPECT_FALSE(ran);
}

TEST(ComputePool, needs_a_thread) {
  const auto none = ComputePool::create({.threads = 0});
  ASSERT_FALSE(none.ok());
  EXPECT_TRUE(none.error().is(Errc::pool_config_invalid));
}

}  // namespace
}  // namespace trustee::net

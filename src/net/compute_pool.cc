#include "net/compute_pool.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace trustee::net {

struct ComputePool::State {
  PoolConfig config;
  mutable std::mutex mutex;
  std::condition_variable work;      ///< a job came or the pool stops
  std::condition_variable finished;  ///< a job ended
  std::deque<std::shared_ptr<PoolJob>> queue;
  std::map<PeerKey, std::size_t> per_peer;
  std::size_t running = 0;
  std::size_t inline_running = 0;
  std::uint64_t completed = 0;
  std::uint64_t refused = 0;
  bool stopping = false;
  std::vector<std::thread> threads;

  // The callers of the functions below hold the mutex.
  void release_share(const PeerKey& peer) {
    const auto it = per_peer.find(peer);
    if (it == per_peer.end()) return;
    it->second -= 1;
    if (it->second == 0) per_peer.erase(it);
  }
  Result<void> refusal(const PeerKey& peer) const {
    if (stopping) return Errc::pool_stopped;
    if (queue.size() >= config.queue && running + inline_running >= config.threads) {
      return Errc::pool_full;
    }
    if (queue.size() >= config.queue + config.threads) return Errc::pool_full;
    const auto it = per_peer.find(peer);
    if (it != per_peer.end() && it->second >= config.per_peer) return Errc::peer_share_exceeded;
    return {};
  }

  void work_until_stopped() {
    std::unique_lock lock(mutex);
    for (;;) {
      work.wait(lock, [&] { return stopping || !queue.empty(); });
      if (queue.empty()) return;
      const std::shared_ptr<PoolJob> job = std::move(queue.front());
      queue.pop_front();
      job->state = PoolJob::State::running;
      running += 1;
      lock.unlock();
      job->execute();
      lock.lock();
      finish(*job);
      lock.unlock();
      job->home->post(job->waiter);
      lock.lock();
    }
  }
  void finish(PoolJob& job) {
    running -= 1;
    completed += 1;
    release_share(job.peer);
    job.state = PoolJob::State::done;
    finished.notify_all();
  }
};

ComputePool::ComputePool(PoolConfig config) : state_(std::make_unique<State>()) {
  state_->config = config;
  for (std::size_t i = 0; i < config.threads; ++i) {
    state_->threads.emplace_back([s = state_.get()] { s->work_until_stopped(); });
  }
}

Result<std::unique_ptr<ComputePool>> ComputePool::create(PoolConfig config) {
  if (config.threads == 0) return Errc::pool_config_invalid;
  if (config.per_peer == 0) {
    config.per_peer = std::max<std::size_t>(1, (config.threads + config.queue) / 2);
  }
  return std::unique_ptr<ComputePool>(new ComputePool(config));
}

ComputePool::~ComputePool() { stop(); }

void ComputePool::stop() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
    state_->work.notify_all();
  }
  for (auto& t : state_->threads) {
    if (t.joinable()) t.join();
  }
}

Result<void> ComputePool::submit(const std::shared_ptr<PoolJob>& job) {
  const std::lock_guard lock(state_->mutex);
  if (auto verdict = state_->refusal(job->peer); !verdict.ok()) {
    state_->refused += 1;
    return verdict;
  }
  state_->per_peer[job->peer] += 1;
  state_->queue.push_back(job);
  state_->work.notify_one();
  return {};
}

void ComputePool::abandon(PoolJob& job) {
  std::unique_lock lock(state_->mutex);
  if (job.state == PoolJob::State::queued) {
    std::erase_if(state_->queue, [&](const auto& queued) { return queued.get() == &job; });
    state_->release_share(job.peer);
    job.state = PoolJob::State::abandoned;
    return;
  }
  state_->finished.wait(lock, [&] { return job.state != PoolJob::State::running; });
}

bool ComputePool::enter_inline() {
  const std::lock_guard lock(state_->mutex);
  if (state_->stopping || !state_->queue.empty() ||
      state_->running + state_->inline_running >= state_->config.threads) {
    return false;
  }
  state_->inline_running += 1;
  return true;
}

void ComputePool::leave_inline() {
  const std::lock_guard lock(state_->mutex);
  state_->inline_running -= 1;
  state_->completed += 1;
}

PoolLoad ComputePool::load() const {
  const std::lock_guard lock(state_->mutex);
  return {.running = state_->running + state_->inline_running,
          .waiting = state_->queue.size(),
          .completed = state_->completed,
          .refused = state_->refused};
}

std::size_t ComputePool::threads() const { return state_->config.threads; }

}  // namespace trustee::net

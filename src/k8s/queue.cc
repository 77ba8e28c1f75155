#include "k8s/queue.h"

#include <algorithm>

namespace trustee::k8s {
namespace {

constexpr std::chrono::milliseconds kFirstWait{5};
constexpr std::chrono::milliseconds kLongestWait{60000};

std::chrono::milliseconds wait_after(unsigned failures) {
  constexpr unsigned kMostDoublings = 20;
  const unsigned doublings = std::min(failures - 1, kMostDoublings);
  return std::min(kFirstWait * (std::int64_t{1} << doublings), kLongestWait);
}

Instant now() { return std::chrono::steady_clock::now(); }

}  // namespace

void QueueState::add(const WorkKey& key, Instant due) {
  Item& item = items_[key];
  item.due = item.due.has_value() ? std::min(*item.due, due) : due;
}

void QueueState::add(const WorkKey& key, Instant now, std::chrono::milliseconds delay) {
  constexpr std::chrono::milliseconds kNone{0};
  add(key, now + std::clamp<std::chrono::milliseconds>(delay, kNone, kLongestDelay));
}

std::optional<WorkKey> QueueState::take(Instant now) {
  auto first = items_.end();
  for (auto it = items_.begin(); it != items_.end(); ++it) {
    const Item& item = it->second;
    if (item.taken || !item.due.has_value() || *item.due > now) continue;
    if (first == items_.end() || *item.due < *first->second.due) first = it;
  }
  if (first == items_.end()) return std::nullopt;
  first->second.taken = true;
  first->second.due.reset();
  return first->first;
}

void QueueState::done(const WorkKey& key, bool failed, Instant now) {
  const auto found = items_.find(key);
  if (found == items_.end()) return;
  Item& item = found->second;
  item.taken = false;
  item.failures = failed ? item.failures + 1 : 0;
  if (failed) add(key, now + wait_after(item.failures));
  if (!item.due.has_value()) items_.erase(found);
}

std::optional<Instant> QueueState::next_due() const {
  std::optional<Instant> out;
  for (const auto& [key, item] : items_) {
    if (item.taken || !item.due.has_value()) continue;
    if (!out.has_value() || *item.due < *out) out = item.due;
  }
  return out;
}

std::size_t QueueState::depth(Instant now) const {
  const auto due = [now](const auto& entry) {
    const Item& item = entry.second;
    return !item.taken && item.due.has_value() && *item.due <= now;
  };
  return static_cast<std::size_t>(std::count_if(items_.begin(), items_.end(), due));
}

void Queue::add(const WorkKey& key, std::chrono::milliseconds delay) {
  const std::lock_guard lock(mutex_);
  state_.add(key, now(), delay);
  wake_.notify_one();
}

std::optional<WorkKey> Queue::take(const std::stop_token& stop) {
  constexpr std::chrono::hours kIdle{1};
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (auto key = state_.take(now()); key.has_value()) return key;
    const auto due = state_.next_due();
    const Instant until = due.has_value() ? *due : now() + kIdle;
    const auto changed = [this, due] {
      const auto next = state_.next_due();
      return next.has_value() && (!due.has_value() || *next < *due);
    };
    wake_.wait_until(lock, stop, until, changed);
  }
  return std::nullopt;
}

void Queue::done(const WorkKey& key, bool failed) {
  const std::lock_guard lock(mutex_);
  state_.done(key, failed, now());
  wake_.notify_one();
}

std::size_t Queue::depth() const {
  const std::lock_guard lock(mutex_);
  return state_.depth(now());
}

}  // namespace trustee::k8s

#include "kbs/attempts.h"

namespace trustee::kbs {
namespace {

std::string key_of(const ByteArray<24>& id) { return std::string(as_text(id)); }

}  // namespace

bool AttemptLedger::may_try(const ByteArray<24>& id) {
  MutexLock lock(mutex_);
  const auto it = by_id_.find(key_of(id));
  return it == by_id_.end() || it->second->attempts < kMaxAttempts;
}

void AttemptLedger::failed(const ByteArray<24>& id) {
  MutexLock lock(mutex_);
  const std::string key = key_of(id);
  if (const auto it = by_id_.find(key); it != by_id_.end()) {
    ++it->second->attempts;
    return;
  }
  if (by_id_.size() >= capacity_) {
    by_id_.erase(by_age_.back().id);
    by_age_.pop_back();
  }
  by_age_.push_front({key, 1});
  by_id_.emplace(key, by_age_.begin());
}

std::size_t AttemptLedger::size() {
  MutexLock lock(mutex_);
  return by_id_.size();
}

}  // namespace trustee::kbs

#include "kbs/attempts.h"

namespace trustee::kbs {
namespace {

std::string key_of(const ByteArray<24>& id) { return std::string(as_text(id)); }

}  // namespace

bool AttemptLedger::begin(const ByteArray<24>& id) {
  MutexLock lock(mutex_);
  const std::string key = key_of(id);
  if (const auto it = by_id_.find(key); it != by_id_.end()) {
    if (it->second->attempts >= kMaxAttempts) return false;
    ++it->second->attempts;
    return true;
  }
  if (by_id_.size() >= capacity_) {
    by_id_.erase(by_age_.back().id);
    by_age_.pop_back();
  }
  by_age_.push_front({key, 1});
  by_id_.emplace(key, by_age_.begin());
  return true;
}

void AttemptLedger::take_back(const ByteArray<24>& id) {
  MutexLock lock(mutex_);
  const auto it = by_id_.find(key_of(id));
  if (it == by_id_.end()) return;  // forgotten meanwhile
  if (--it->second->attempts > 0) return;
  by_age_.erase(it->second);
  by_id_.erase(it);
}

std::size_t AttemptLedger::size() {
  MutexLock lock(mutex_);
  return by_id_.size();
}

}  // namespace trustee::kbs

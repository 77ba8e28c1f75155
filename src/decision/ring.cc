#include "decision/ring.h"

namespace trustee::decision {

void Ring::add(std::shared_ptr<const Record> record) {
  const std::size_t bytes = footprint(*record);
  if (bytes > limits_.bytes || limits_.records == 0) return;
  std::vector<Kept> dropped;  // destroyed after the lock is released
  MutexLock lock(mutex_);
  while (!kept_.empty() && (kept_.size() >= limits_.records || bytes_ + bytes > limits_.bytes)) {
    bytes_ -= kept_.front().bytes;
    dropped.push_back(std::move(kept_.front()));
    kept_.pop_front();
  }
  bytes_ += bytes;
  kept_.push_back({std::move(record), bytes});
}

std::shared_ptr<const Record> Ring::find(std::string_view request_id) const {
  MutexLock lock(mutex_);
  for (auto it = kept_.rbegin(); it != kept_.rend(); ++it) {
    if (it->record->request_id.text() == request_id) return it->record;
  }
  return nullptr;
}

std::vector<std::shared_ptr<const Record>> Ring::latest(std::size_t count) const {
  std::vector<std::shared_ptr<const Record>> out;
  MutexLock lock(mutex_);
  for (auto it = kept_.rbegin(); it != kept_.rend() && out.size() < count; ++it) {
    out.push_back(it->record);
  }
  return out;
}

}  // namespace trustee::decision

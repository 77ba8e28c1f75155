#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "log/sink.h"

namespace trustee {

/// A log sink that keeps every line for the test to read. Safe from many threads.
class MemoryLog final : public log::Sink {
 public:
  void write(std::string line) override {
    MutexLock lock(mutex_);
    lines_.push_back(std::move(line));
  }
  std::uint64_t dropped() const override {
    MutexLock lock(mutex_);
    return dropped_;
  }

  std::vector<std::string> lines() const {
    MutexLock lock(mutex_);
    return lines_;
  }
  /// All lines, one after the other.
  std::string text() const {
    std::string out;
    for (const std::string& line : lines()) {
      out += line;
    }
    return out;
  }
  bool contains(std::string_view part) const { return text().find(part) != std::string::npos; }
  void clear() {
    MutexLock lock(mutex_);
    lines_.clear();
  }
  void pretend_dropped(std::uint64_t n) {
    MutexLock lock(mutex_);
    dropped_ = n;
  }

 private:
  mutable Mutex mutex_;
  std::vector<std::string> lines_ TRUSTEE_GUARDED_BY(mutex_);
  std::uint64_t dropped_ TRUSTEE_GUARDED_BY(mutex_) = 0;
};

}  // namespace trustee

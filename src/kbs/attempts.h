#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <unordered_map>

#include "base/bytes.h"
#include "base/mutex.h"

namespace trustee::kbs {

/// Counts attempts per challenge in bounded memory; the challenge itself is in the cookie. An
/// attempt counts from its beginning, so that those made at once are no more than those made in
/// turn. The oldest challenge is forgotten when the table is full. Safe from many threads.
class AttemptLedger {
 public:
  static constexpr std::uint32_t kMaxAttempts = 10;
  static constexpr std::size_t kMaxChallenges = 16384;

  explicit AttemptLedger(std::size_t capacity = kMaxChallenges) : capacity_(capacity) {}

  /// Counts an attempt for the challenge with this cookie id; false when there were too many.
  bool begin(const ByteArray<24>& id);
  /// Takes an attempt back that was begun and did not fail.
  void take_back(const ByteArray<24>& id);
  std::size_t size();

 private:
  struct Entry {
    std::string id;
    std::uint32_t attempts;
  };

  const std::size_t capacity_;
  Mutex mutex_;
  std::list<Entry> by_age_ TRUSTEE_GUARDED_BY(mutex_);  // newest first
  std::unordered_map<std::string, std::list<Entry>::iterator> by_id_ TRUSTEE_GUARDED_BY(mutex_);
};

}  // namespace trustee::kbs

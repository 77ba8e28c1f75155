#pragma once

#include <cstddef>
#include <memory>

#include "base/bytes.h"
#include "base/lru_map.h"
#include "base/mutex.h"
#include "base/try.h"
#include "claims/verified.h"

namespace trustee::claims {

/// Proofs that outlive a request, by the SHA-256 of all that they depend on. Only successes are
/// kept, so that whoever fills the cache has something that verified. Bounded, least recently used
/// goes first. Safe from many threads.
template <class T>
class ProofCache {
 public:
  using Key = ByteArray<32>;
  using Proof = std::shared_ptr<const Verified<T>>;

  explicit ProofCache(std::size_t capacity) : entries_(capacity) {}

  /// The kept proof or what `prove()` gives; its failures are returned and not kept.
  template <class Prove>
  Result<Proof> get(const Key& key, Prove prove) {
    if (Proof known = find(key); known != nullptr) return known;
    TRY(const Proof proof, prove());
    MutexLock lock(mutex_);
    entries_.put(key, proof);
    return proof;
  }

  std::size_t size() const {
    MutexLock lock(mutex_);
    return entries_.size();
  }

 private:
  Proof find(const Key& key) {
    MutexLock lock(mutex_);
    const Proof* known = entries_.find(key);
    return known == nullptr ? nullptr : *known;
  }

  mutable Mutex mutex_;
  LruMap<Key, Proof> entries_ TRUSTEE_GUARDED_BY(mutex_);
};

}  // namespace trustee::claims

#pragma once

#include <cstddef>

#include "amd/chain.h"
#include "base/bytes.h"
#include "base/lru_map.h"
#include "base/mutex.h"
#include "base/result.h"

namespace trustee::amd {

/// Proofs that a presented chain verifies, so that the RSA signatures are checked once per chain.
/// Only successes are kept: whoever fills the cache owns endorsement keys signed by AMD. What is
/// kept is the proof, never a decision about a report: dates, revocation, TCB and chip id are
/// checked anew each time. Bounded, least recently used goes first. Safe from many threads.
class VekCache {
 public:
  static constexpr std::size_t kDefaultCapacity = 4096;
  explicit VekCache(std::size_t capacity = kDefaultCapacity) : entries_(capacity) {}

  /// As verify_vek_chain, from the cache when these very bytes were verified under these roots.
  /// Cost  one SHA-256 over the presented bytes when it hits.
  Result<VerifiedVek> verify(const PresentedChain& chain, const Roots& roots);

  std::size_t size() const;

 private:
  using Key = ByteArray<32>;

  VerifiedVek find(const Key& key);
  void insert(const Key& key, const VerifiedVek& vek);

  mutable Mutex mutex_;
  LruMap<Key, VerifiedVek> entries_ TRUSTEE_GUARDED_BY(mutex_);
};

}  // namespace trustee::amd

#pragma once

#include <cstddef>

#include "amd/chain.h"
#include "base/bytes.h"
#include "base/result.h"
#include "claims/proof_cache.h"

namespace trustee::amd {

/// Proofs that a presented chain verifies, so that the RSA signatures are checked once per chain.
/// Whoever fills the cache owns endorsement keys signed by AMD. What is kept is the proof, never a
/// decision about a report: dates, revocation, TCB and chip id are checked anew each time.
class VekCache {
 public:
  static constexpr std::size_t kDefaultCapacity = 4096;
  explicit VekCache(std::size_t capacity = kDefaultCapacity) : proofs_(capacity) {}

  /// As verify_vek_chain, from the cache when these very bytes were verified under these roots.
  /// Cost  one SHA-256 over the presented bytes when it hits.
  Result<VerifiedVek> verify(const PresentedChain& chain, const Roots& roots);

  std::size_t size() const { return proofs_.size(); }

 private:
  claims::ProofCache<Vek> proofs_;
};

}  // namespace trustee::amd

#pragma once

#include <cstddef>

#include "base/bytes.h"
#include "base/result.h"
#include "claims/proof_cache.h"
#include "intel/chain.h"
#include "intel/root.h"

namespace trustee::intel {

/// Proofs that the chain of a quote verifies, so that its signatures are checked once per platform.
/// Whoever fills the cache owns PCK certificates issued by Intel. Dates, revocation and TCB are
/// judged anew each time.
class PckCache {
 public:
  static constexpr std::size_t kDefaultCapacity = 4096;
  explicit PckCache(std::size_t capacity = kDefaultCapacity) : proofs_(capacity) {}

  /// As verify_pck_chain, from the cache when these very bytes were verified under this anchor.
  /// Cost  one SHA-256 over the text when it hits.
  Result<VerifiedPckChain> verify(Bytes pem, const RootKey& anchor);

  std::size_t size() const { return proofs_.size(); }

 private:
  claims::ProofCache<PckChain> proofs_;
};

}  // namespace trustee::intel

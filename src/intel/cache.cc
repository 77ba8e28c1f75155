#include "intel/cache.h"

#include "crypto/digest.h"

namespace trustee::intel {

Result<VerifiedPckChain> PckCache::verify(Bytes pem, const RootKey& anchor) {
  const auto digest = crypto::digest(crypto::Hash::sha256, {anchor.point(), pem});
  return proofs_.get(regularised<32>(digest.bytes()),
                     [&] { return verify_pck_chain(as_text(pem), anchor); });
}

}  // namespace trustee::intel

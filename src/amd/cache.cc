#include "amd/cache.h"

#include "crypto/digest.h"

namespace trustee::amd {

namespace {

ByteArray<4> le32(std::size_t n) {
  const auto v = static_cast<std::uint32_t>(n);
  return {static_cast<std::uint8_t>(v), static_cast<std::uint8_t>(v >> 8U),
          static_cast<std::uint8_t>(v >> 16U), static_cast<std::uint8_t>(v >> 24U)};
}

/// Everything the proof depends on; lengths keep the parts apart.
ByteArray<32> key_of(const PresentedChain& chain, const Roots& roots) {
  const ByteArray<2> tags{static_cast<std::uint8_t>(chain.product),
                          static_cast<std::uint8_t>(chain.label)};
  const auto vek_size = le32(chain.vek.size());
  const auto ask_size = le32(chain.ask.size());
  const crypto::Digest d = crypto::digest(
      crypto::Hash::sha256,
      {roots.fingerprint(), tags, vek_size, ask_size, chain.vek, chain.ask, chain.ark});
  return regularised<32>(d.bytes());
}

}  // namespace

Result<VerifiedVek> VekCache::verify(const PresentedChain& chain, const Roots& roots) {
  return proofs_.get(key_of(chain, roots), [&] { return verify_vek_chain(chain, roots); });
}

}  // namespace trustee::amd

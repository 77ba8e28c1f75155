#include "tpm/algorithm.h"

#include "base/try.h"

namespace trustee::tpm {

std::optional<crypto::Hash> hash_of(std::uint16_t algorithm) {
  if (algorithm == kAlgSha256) return crypto::Hash::sha256;
  if (algorithm == kAlgSha384) return crypto::Hash::sha384;
  if (algorithm == kAlgSha512) return crypto::Hash::sha512;
  return std::nullopt;
}

Result<Bytes> read_sized(Cursor& c, std::size_t max) {
  TRY(const std::size_t size, c.length_u16be(max));
  const Bytes content = c.take(size);
  TRY_VOID(c.status());
  return content;
}

}  // namespace trustee::tpm

#include "crypto/internal/numbers.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/try.h"

namespace trustee::crypto {

Result<ByteVec> big_endian(const BIGNUM* n) {
  return big_endian_padded(n, static_cast<std::size_t>(std::max(BN_num_bytes(n), 1)));
}

Result<ByteVec> big_endian_padded(const BIGNUM* n, std::size_t size) {
  ByteVec out(size);
  TRY_VOID(length(BN_bn2binpad(n, out.data(), static_cast<int>(out.size()))));
  return out;
}

}  // namespace trustee::crypto

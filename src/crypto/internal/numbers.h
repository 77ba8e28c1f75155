#pragma once

#include "base/bytes.h"
#include "crypto/internal/ossl.h"

namespace trustee::crypto {

/// Unsigned big-endian bytes without leading zeros; one zero byte for zero.
Result<ByteVec> big_endian(const BIGNUM* n);
/// The same, padded on the left. Errors: library (does not fit).
Result<ByteVec> big_endian_padded(const BIGNUM* n, std::size_t size);

}  // namespace trustee::crypto

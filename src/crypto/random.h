#pragma once

#include "base/bytes.h"
#include "base/secret.h"

namespace trustee::crypto {

/// Fills from the library's seeded generator. Failure stops the process: no service without it.
void random_bytes(std::span<std::uint8_t> out);
ByteVec random_vec(std::size_t n);
SecretBytes random_secret(std::size_t n);

}  // namespace trustee::crypto

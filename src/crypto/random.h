#pragma once

#include "base/bytes.h"
#include "base/secret.h"

namespace trustee::crypto {

/// Fills from the library's seeded generator. Failure stops the process: no service without it.
void random_bytes(std::span<std::uint8_t> out);
ByteVec random_vec(std::size_t n);
SecretBytes random_secret(std::size_t n);

/// Makes and drops a signature, so that the generator behind signatures is filled before the first
/// that somebody waits for. Cost: 0.1 s for the first call of a process, which gathers the
/// processor's jitter.
void seed_signatures();

}  // namespace trustee::crypto

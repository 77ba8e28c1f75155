#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/key.h"

namespace trustee::tpm {

inline constexpr std::size_t kMaxPublicArea = 2048;  ///< bytes of a TPMT_PUBLIC
inline constexpr std::size_t kMaxAuthPolicy = 64;

/// TPMA_OBJECT
inline constexpr std::uint32_t kFixedTpm = 1U << 1U;
inline constexpr std::uint32_t kFixedParent = 1U << 4U;
inline constexpr std::uint32_t kSensitiveDataOrigin = 1U << 5U;
inline constexpr std::uint32_t kRestricted = 1U << 16U;
inline constexpr std::uint32_t kDecrypt = 1U << 17U;
inline constexpr std::uint32_t kSign = 1U << 18U;

/// TPMT_PUBLIC of an RSA or ECC key. It says nothing of a key that nobody vouches for: whoever has
/// a key can write any attributes beside it.
struct PublicArea {
  std::uint16_t name_algorithm = 0;
  std::uint32_t attributes = 0;
  crypto::PublicKey key;
  ByteVec name;  ///< nameAlg and the digest of the area
};

/// Reads a TPMT_PUBLIC without size prefix.
/// Errors  public_malformed, public_unsupported (other types, curves, hashes of the name).
/// Source  TPM 2.0 Library part 2, 12.2.4; part 1, 16 (Name).
Result<PublicArea> parse_public_area(Bytes in);

/// The key signs nothing but what its TPM made. Errors: key_not_restricted.
Result<void> check_restricted(const PublicArea& area);
/// Errors: key_not_for_signing.
Result<void> check_signs_only(const PublicArea& area);
/// The key was made in this TPM and cannot leave it. Errors: key_not_of_one_tpm.
Result<void> check_of_one_tpm(const PublicArea& area);
/// All three, in this order: what makes a key an attestation key.
Result<void> check_attestation_key(const PublicArea& area);

}  // namespace trustee::tpm

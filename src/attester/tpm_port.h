#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/key.h"

namespace trustee::attester {

inline constexpr std::size_t kPcrCount = 24;

/// The SHA-256 bank at one moment.
struct PcrBank {
  std::uint32_t update_counter = 0;
  std::array<ByteArray<32>, kPcrCount> values{};
  friend bool operator==(const PcrBank&, const PcrBank&) = default;
};

/// A quote over the SHA-256 bank, PCR 0 to 23.
struct TpmSigned {
  ByteVec message;    ///< marshalled TPMS_ATTEST
  ByteVec signature;  ///< marshalled TPMT_SIGNATURE
};

/// The commands of a TPM 2.0 that evidence needs. Handles and indices are the TPM's own numbers.
/// Errors: tpm_failed with the TPM's words, and what each command names.
class Tpm {
 public:
  virtual ~Tpm() = default;
  /// Errors: file_missing when the index is not defined.
  virtual Result<ByteVec> nv_read(std::uint32_t index) = 0;
  /// Defines the index with the size of `data` where there is none.
  virtual Result<void> nv_write(std::uint32_t index, Bytes data) = 0;
  virtual Result<PcrBank> read_pcrs() = 0;
  /// Signs with the key's own scheme, SHA-256 where it has none. Errors: tpm_key_missing.
  virtual Result<TpmSigned> quote(std::uint32_t key, Bytes qualifying_data) = 0;
  /// Errors: tpm_key_missing, tpm_key_unsupported.
  virtual Result<crypto::PublicKey> public_key(std::uint32_t key) = 0;
  virtual Result<void> extend_pcr(std::uint32_t index, const ByteArray<32>& digest) = 0;
};

}  // namespace trustee::attester

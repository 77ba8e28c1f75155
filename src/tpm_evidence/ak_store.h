#pragma once

#include <cstddef>
#include <cstdint>
#include <set>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/key.h"

namespace trustee::tpm_evidence {

/// Whether a key's attributes must be known. A PEM file has none.
enum class Attributes : std::uint8_t { as_given, required };

/// The attestation keys that the operator vouches for. Immutable once filled.
class AkStore {
 public:
  static constexpr std::size_t kDefaultCapacity = 1000;
  AkStore() : AkStore(kDefaultCapacity) {}
  explicit AkStore(std::size_t capacity) : capacity_(capacity) {}

  /// Adds the key of one file: a public key in PEM, or a TPM's public area (TPMT_PUBLIC, or
  /// TPM2B_PUBLIC as tpm2-tools write it). A public area must be that of an attestation key:
  /// restricted, signing only, made in its TPM and fixed to it.
  /// Errors  trusted_ak_malformed, trusted_ak_not_restricted, too_many_trusted_aks; tpm::key_*,
  ///         tpm::public_*.
  Result<void> add(Bytes file, Attributes attributes);

  bool contains(const crypto::PublicKey& key) const;
  std::size_t size() const { return spkis_.size(); }

 private:
  std::size_t capacity_;
  std::set<ByteVec> spkis_;
};

}  // namespace trustee::tpm_evidence

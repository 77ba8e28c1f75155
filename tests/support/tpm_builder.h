#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "crypto/key.h"

namespace trustee {

/// Writes TPM 2.0 quotes for tests, valid by default: all 24 PCRs of the SHA-256 bank, signed with
/// SHA-256 by a key of ours. It shares no code with src/tpm; tests/oracles/tpm shows what it writes
/// to tpm2-tools.
class TpmQuoteBuilder {
 public:
  TpmQuoteBuilder();

  TpmQuoteBuilder& with_nonce(Bytes nonce);
  TpmQuoteBuilder& with_pcr(std::size_t number, Bytes value);
  /// Extends PCR 8, which is zero until then.
  TpmQuoteBuilder& with_init_data(Bytes hash);
  TpmQuoteBuilder& with_magic(std::uint32_t magic);
  TpmQuoteBuilder& with_type(std::uint16_t type);
  /// Replaces the selection; the digest stays that of all 24.
  TpmQuoteBuilder& with_selections(std::vector<std::pair<std::uint16_t, ByteVec>> selections);
  TpmQuoteBuilder& with_pcr_digest(Bytes digest);
  TpmQuoteBuilder& with_trailing_byte();

  /// The marshalled TPMS_ATTEST.
  ByteVec message() const;
  /// PCR 0 to 23 as they are in the evidence.
  const std::array<ByteVec, 24>& pcrs() const { return pcrs_; }

  /// TPMT_SIGNATURE over message(): RSASSA or, for a P-256 key, ECDSA; both with SHA-256.
  ByteVec signature(const crypto::PrivateKey& key) const;
  /// Evidence of TEE `tpm` with the public part of `key` as its attestation key.
  std::string evidence(const crypto::PrivateKey& key) const;

 private:
  std::uint32_t magic_ = 0xFF544347;
  std::uint16_t type_ = 0x8018;
  ByteVec nonce_;
  std::array<ByteVec, 24> pcrs_;
  std::vector<std::pair<std::uint16_t, ByteVec>> selections_;
  ByteVec pcr_digest_;  ///< empty: that of pcrs_
  bool trailing_byte_ = false;
};

/// Attributes of an attestation key: restricted, signing, made in its TPM and fixed to it.
inline constexpr std::uint32_t kAkAttributes = 0x00050072;

/// TPMT_PUBLIC of an RSA key (RSASSA, SHA-256) or P-256 key (ECDSA, SHA-256).
ByteVec tpm_public_area(const crypto::PublicKey& key, std::uint32_t attributes = kAkAttributes);

/// Keys that are made once per process.
const crypto::PrivateKey& test_rsa_ak();
const crypto::PrivateKey& test_ecc_ak();

}  // namespace trustee

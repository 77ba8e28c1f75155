#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace trustee::tpm {

/// Bounds of a quote; one past is refused (attest_malformed).
inline constexpr std::size_t kMaxAttest = 2048;      ///< bytes of a TPMS_ATTEST
inline constexpr std::size_t kMaxSelections = 16;    ///< banks in a TPML_PCR_SELECTION
inline constexpr std::size_t kMaxSelectMask = 8;     ///< bytes of one mask
inline constexpr std::size_t kMaxName = 66;          ///< algorithm and a digest of SHA-512
inline constexpr std::size_t kMaxExtraData = 66;     ///< TPM2B_DATA: a TPMT_HA of SHA-512
inline constexpr std::size_t kMaxQuotedDigest = 64;  ///< TPM2B_DIGEST

/// TPMS_PCR_SELECTION: PCR i is selected when bit i%8 of byte i/8 is set.
struct PcrSelection {
  std::uint16_t hash = 0;
  Bytes mask;
};

/// TPMS_ATTEST of a quote. It proves nothing before its signature is checked.
/// Lifetime: views into the parsed bytes.
struct Quote {
  Bytes bytes;  ///< all of it: what the signature covers
  Bytes qualified_signer;
  Bytes extra_data;  ///< the nonce
  std::uint64_t clock = 0;
  std::uint32_t reset_count = 0;
  std::uint32_t restart_count = 0;
  bool safe = false;
  std::uint64_t firmware_version = 0;
  std::vector<PcrSelection> selections;
  Bytes pcr_digest;
};

/// Reads a marshalled TPMS_ATTEST without size prefix.
/// Errors  not_made_by_tpm, not_a_quote, attest_malformed (also trailing bytes).
/// Source  TPM 2.0 Library part 2, 10.12 (TPMS_ATTEST), 10.12.4 (TPMS_QUOTE_INFO).
Result<Quote> parse_quote(Bytes in);

}  // namespace trustee::tpm

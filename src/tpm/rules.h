#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/json.h"
#include "crypto/digest.h"
#include "tpm/quote.h"

namespace trustee::tpm {

inline constexpr std::size_t kPcrCount = 24;
inline constexpr std::size_t kInitDataPcr = 8;

/// PCR 0 to 23 of the SHA-256 bank, in their order.
using Pcrs = std::array<ByteArray<32>, kPcrCount>;

/// PCR values as they came. Errors: pcr_malformed (not 24 values of 32 bytes).
Result<Pcrs> pcrs_of(const std::vector<ByteVec>& values);

// The rules that every verifier of quotes applies, each on its own.

/// The quote is over exactly PCR 0 to 23 of the SHA-256 bank, so that each value stands under its
/// own number. Errors: pcr_selection_mismatch.
Result<void> check_pcr_selection(const Quote& quote);
/// The values are what was quoted. `hash` is that of the signature. Errors: pcr_digest_mismatch.
Result<void> check_pcr_digest(const Quote& quote, const Pcrs& pcrs, crypto::Hash hash);
/// The nonce is exactly these bytes. Errors: nonce_mismatch.
Result<void> check_nonce(const Quote& quote, Bytes expected);
/// PCR 8 was extended once, with this hash. Errors: init_data_length, init_data_mismatch.
Result<void> check_init_data(const Pcrs& pcrs, Bytes init_data_hash);

/// `pcr00` to `pcr23` as lower-case hex.
json::Object pcr_claims(const Pcrs& pcrs);

}  // namespace trustee::tpm

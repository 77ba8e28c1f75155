#include "tpm/rules.h"

#include <algorithm>
#include <string>

#include "codec/hex.h"
#include "tpm/algorithm.h"
#include "tpm/errors.h"

namespace trustee::tpm {

Result<Pcrs> pcrs_of(const std::vector<ByteVec>& values) {
  if (values.size() != kPcrCount) {
    return Error(Errc::pcr_malformed, std::to_string(values.size()) + " values");
  }
  Pcrs pcrs{};
  for (std::size_t i = 0; i < kPcrCount; ++i) {
    if (values[i].size() != pcrs[i].size()) {
      return Error(Errc::pcr_malformed, "PCR " + std::to_string(i) + " has " +
                                            std::to_string(values[i].size()) + " bytes");
    }
    std::copy(values[i].begin(), values[i].end(), pcrs[i].begin());
  }
  return pcrs;
}

Result<void> check_pcr_selection(const Quote& quote) {
  constexpr ByteArray<3> kAll = {0xFF, 0xFF, 0xFF};
  if (quote.selections.size() != 1) {
    return Error(Errc::pcr_selection_mismatch,
                 std::to_string(quote.selections.size()) + " banks are selected");
  }
  const PcrSelection& only = quote.selections.front();
  if (only.hash == kAlgSha256 && equal(only.mask, kAll)) return {};
  return Error(Errc::pcr_selection_mismatch,
               "bank " + std::to_string(only.hash) + ", mask " + codec::hex_encode(only.mask));
}

Result<void> check_pcr_digest(const Quote& quote, const Pcrs& pcrs, crypto::Hash hash) {
  ByteVec all;
  for (const ByteArray<32>& pcr : pcrs) {
    all.insert(all.end(), pcr.begin(), pcr.end());
  }
  if (equal(crypto::digest(hash, all).bytes(), quote.pcr_digest)) return {};
  return Errc::pcr_digest_mismatch;
}

Result<void> check_nonce(const Quote& quote, Bytes expected) {
  if (equal(quote.extra_data, expected)) return {};
  return Errc::nonce_mismatch;
}

Result<void> check_init_data(const Pcrs& pcrs, Bytes init_data_hash) {
  if (init_data_hash.size() != 32) {
    return Error(Errc::init_data_length, std::to_string(init_data_hash.size()) + " bytes");
  }
  const ByteArray<32> reset{};
  const crypto::Digest extended =
      crypto::digest(crypto::Hash::sha256, {Bytes(reset), init_data_hash});
  if (equal(extended.bytes(), pcrs[kInitDataPcr])) return {};
  return Errc::init_data_mismatch;
}

json::Object pcr_claims(const Pcrs& pcrs) {
  json::Object claims;
  for (std::size_t i = 0; i < kPcrCount; ++i) {
    const std::string number = std::to_string(i);
    claims.append("pcr" + std::string(2 - number.size(), '0') + number, codec::hex_encode(pcrs[i]));
  }
  return claims;
}

}  // namespace trustee::tpm

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "amd/chain.h"
#include "amd/product.h"
#include "amd/vek.h"
#include "base/bytes.h"
#include "base/result.h"

namespace trustee::amd {

// The words of AMD's Key Distribution Service and of the offline store. No network here.

inline constexpr std::string_view kKdsDefaultBase = "https://kdsintf.amd.com";
inline constexpr std::string_view kOfflineStoreDefaultPath =
    "/opt/confidential-containers/attestation-service/kds-store";

/// Which VCEK is wanted.
struct VcekRequest {
  Product product = Product::milan;
  ByteArray<64> chip_id{};  ///< as in the report; Turin uses the first 8 bytes
  Tcb tcb;                  ///< the reported TCB
  friend bool operator==(const VcekRequest&, const VcekRequest&) = default;
};

/// Lower-case hex of the hardware id: 128 digits, 16 on Turin.
std::string hwid_hex(const VcekRequest& request);
/// `bl10_tee00_snp23_ucode25`, followed by `_fmc05` when the TCB has one.
std::string tcb_prefix(const Tcb& tcb);
/// One line that tells requests apart; the name of a kept copy. Shape: product, hardware id and TCB
/// as in `Genoa/371c…/bl10_tee00_snp23_ucode25`; `[A-Za-z0-9/_]+`.
std::string cache_name(const VcekRequest& request);
/// The inverse. Errors: vcek_name_malformed.
Result<VcekRequest> parse_cache_name(std::string_view name);

/// `{base}/vcek/v1/Genoa/{hwid}?blSPL=10&teeSPL=00&snpSPL=23&ucodeSPL=25`; on Turin with a leading
/// `fmcSPL`. Errors: hardware_id_zero, fmc_missing.
Result<std::string> kds_vcek_url(std::string_view base, const VcekRequest& request);
/// `{base}/vcek/v1/Genoa/crl`
std::string kds_crl_url(std::string_view base, Product product, VekKind kind);

/// Where the offline store may hold the VCEK, best first, relative to its root: the TCB-named file,
/// then the flat one. On Turin the directory named by 8 bytes comes first, then the one named
/// by 64.
std::vector<std::string> offline_store_paths(const VcekRequest& request);

/// A fetched certificate must endorse what was asked for. A zero chip id (masked) matches any chip.
/// Errors  endorsement_mismatch.
Result<void> check_endorses(const Vek& vek, const VcekRequest& request);

/// The hardware id must be the chip id's leading bytes and the rest of the chip id zero.
bool hwid_matches(Bytes hwid, const ByteArray<64>& chip_id);

}  // namespace trustee::amd

#pragma once

#include <string_view>

#include "base/result.h"
#include "intel/collateral.h"

namespace trustee::intel {

/// Bound of one file; one past is refused.
inline constexpr std::size_t kMaxCollateralFile = 8U << 20U;  ///< bytes of JSON

/// Reads a set of collateral from one JSON object, as verification tools exchange it: the texts
/// `tcb_info`, `qe_identity` (the signed bodies), `tcb_info_signature`, `qe_identity_signature`,
/// `root_ca_crl`, `pck_crl` (hex), `tcb_info_issuer_chain`, `qe_identity_issuer_chain`,
/// `pck_crl_issuer_chain` (PEM). Nothing is verified.
/// Errors  collateral_file_malformed.
Result<CollateralDocuments> parse_collateral_file(std::string_view json);

}  // namespace trustee::intel

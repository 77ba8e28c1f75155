#pragma once

#include <memory>
#include <string>
#include <vector>

#include "fetch/document_kind.h"
#include "fetch/pcs.h"
#include "intel/needs.h"
#include "intel/pcs.h"
#include "intel/root.h"

namespace trustee::fetch {

inline constexpr std::string_view kTcbInfoKind = "intel-tcb-info";
inline constexpr std::string_view kQeIdentityKind = "intel-qe-identity";
inline constexpr std::string_view kPckCrlKind = "intel-pck-crl";
inline constexpr std::string_view kRootCrlKind = "intel-root-crl";

/// The documents of one CollateralRequest.
struct IntelIds {
  collateral::DocumentId tcb_info;     ///< `intel-tcb-info/tdx/90c06f000000/early`
  collateral::DocumentId qe_identity;  ///< `intel-qe-identity/tdx/early`
  collateral::DocumentId pck_crl;      ///< `intel-pck-crl/platform`
  collateral::DocumentId root_crl;     ///< `intel-root-crl/root`
};
/// The inverse of intel::cache_name: `tdx/90c06f000000/platform`. Errors: not_found.
Result<intel::CollateralRequest> parse_platform(std::string_view text);
IntelIds intel_ids(const intel::CollateralRequest& request, intel::TcbUpdate update);

/// The four kinds of Intel's collateral, from one source. What is accepted is signed under the root
/// and is what was asked for; dates and revocation are left to verification, so that documents past
/// their date go on serving, with their expiry in the claims. Nobody pays: Intel's collateral is
/// asked for only after the evidence's own signatures were verified.
/// Errors of fetch  collateral_not_available, tcb_info_without_chain, qe_identity_without_chain,
///                  pck_crl_without_chain; those of Vendor::get and of files.
/// Errors of check  answer_unusable.
std::vector<std::unique_ptr<DocumentKind>> intel_kinds(const std::shared_ptr<IntelSource>& source,
                                                       const intel::RootKey& root);

}  // namespace trustee::fetch

#pragma once

#include <string_view>
#include <variant>

#include "azure/evidence.h"
#include "azure/vtpm.h"
#include "base/clock.h"
#include "base/result.h"
#include "claims/claim_set.h"
#include "claims/expected.h"
#include "claims/verified.h"
#include "tdx/verify.h"

namespace trustee::az_tdx_vtpm {

/// Evidence whose every rule was checked: the TD's quote and the vTPM's part.
struct Attested {
  claims::Verified<tdx::Attested> tdx;
  tpm::Pcrs pcrs{};
  ByteVec nonce;
};

using Outcome = std::variant<claims::Verified<Attested>, intel::Needs>;

/// Errors  azure::evidence_malformed, tpm::pcr_malformed.
Result<azure::Evidence> parse_evidence(std::string_view json);

/// Verifies evidence at time `now`: the rules of azure::check_vtpm, that the TD's quote covers the
/// variable data, user data, init data, the HCL report's TDREPORT, then the quote. All bindings are
/// checked before collateral is asked for.
/// Errors  those of azure, tpm, tdx and intel.
/// Source  verifiers specification 9.5.
Result<Outcome> verify(const azure::Evidence& evidence, const claims::Expected& expected,
                       const intel::Means& means, const azure::Policy& policy, Time now);

/// The TD's quote was made of the TDREPORT inside the HCL report.
/// Errors  tdx::td_report_malformed, td_report_type_unsupported, td_report_mismatch.
Result<void> check_td_report(const azure::HclReport& hcl, const intel::TdReport10& quoted);

/// The TDX claims, with `tpm`, `init_data` and `report_data` of the vTPM.
claims::ClaimSet claims_of(const claims::Verified<Attested>& attested);

}  // namespace trustee::az_tdx_vtpm

#pragma once

#include "claims/verified.h"
#include "codec/json.h"
#include "intel/quote.h"
#include "intel/verify.h"

namespace trustee::intel {

/// What Intel's quote appraisal says, under upstream's names: dates, numbers, the platform's
/// identity, `tcb_status`, `collateral_expiration_status`, `advisory_ids` and the `_current` three.
/// Stands at the top level of the claims of every TEE with Intel quotes, after its own.
/// Source  verifiers specification 5.7.
json::Object dcap_claims(const claims::Verified<Attested>& attested);

/// What upstream has no claim for: the statuses that were converged, and whether a document or list
/// is of a later date than the judgement. The operator switches them on. Members:
/// `tcb_status_platform`, `tcb_status_qe`, `tcb_status_tdx_module` (TDX modules with a version),
/// `collateral_not_yet_issued`.
json::Object verification_claims(const claims::Verified<Attested>& attested);

/// The header's fields in hex; `tee_type` and `reserved` under the names of the quote's version.
json::Object header_claims(const Quote& quote);

}  // namespace trustee::intel

#pragma once

#include "claims/claim_set.h"
#include "claims/verified.h"
#include "codec/json.h"
#include "intel/quote.h"
#include "sgx/verify.h"

namespace trustee::sgx {

/// The claims of SGX evidence under upstream's names, made from the verified bytes alone: `header`,
/// `body`, `report_data`, `init_data`, then those of intel::dcap_claims; and, our additions, the
/// decoded `attributes` (`debug` and five more), which upstream leaves in hex, and for quotes of
/// version 5 `type` and `size` of the body. Headers of versions 4 and 5 have the members of TDX.
/// Shape   fields are lower-case hex of their bytes.
/// Source  verifiers specification 7.
claims::ClaimSet claims_of(const claims::Verified<Attested>& attested);

/// The members that describe the quote itself: all of claims_of but Intel's appraisal.
json::Object quote_claims(const intel::Quote& quote);

/// What the operator switches on: intel::verification_claims.
json::Object verification_claims(const claims::Verified<Attested>& attested);

}  // namespace trustee::sgx

#pragma once

#include "claims/claim_set.h"
#include "claims/verified.h"
#include "codec/json.h"
#include "intel/quote.h"
#include "tdx/verify.h"

namespace trustee::tdx {

/// The claims of TDX evidence under upstream's names, made from the verified bytes alone: `quote`,
/// `td_attributes`, `report_data`, `init_data`, `uefi_event_logs` where the evidence had a log,
/// then those of intel::dcap_claims. Shape   fields are lower-case hex of their bytes. Source
/// verifiers specification 6.
claims::ClaimSet claims_of(const claims::Verified<Attested>& attested);

/// The members that describe the quote itself, also for TEEs that carry a TD's quote in another
/// envelope: `quote` and `td_attributes`.
json::Object quote_claims(const intel::Quote& quote);

/// What upstream has no claim for; the operator switches them on: intel::verification_claims and
/// `td_debug`, `td_migratable`.
json::Object verification_claims(const claims::Verified<Attested>& attested);

}  // namespace trustee::tdx

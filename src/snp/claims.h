#pragma once

#include "claims/claim_set.h"
#include "claims/verified.h"
#include "snp/verify.h"

namespace trustee::snp {

/// The claims of an SNP report under upstream's names, made from the verified bytes alone.
/// Shape   numbers and booleans are JSON's own; digests are lower-case hex.
/// Source  verifiers specification 4.5.
claims::ClaimSet claims_of(const claims::Verified<Attested>& attested);

/// What upstream has no claim for: which key endorsed the report and how far it was checked. Not
/// part of claims_of, so that policies that compare whole objects keep working; the operator
/// switches them on. Members: `endorsement_key` ("VCEK", "VLEK"), `endorsement_dates_checked`,
/// `endorsement_revocation_checked`.
json::Object verification_claims(const claims::Verified<Attested>& attested);

}  // namespace trustee::snp

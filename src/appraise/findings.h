#pragma once

#include "appraise/evaluate.h"
#include "finding/finding.h"

namespace trustee::appraise {

#define TRUSTEE_APPRAISAL_FINDINGS(X)                                                     \
  X(claim_contraindicated, policy_author, "a trust claim is in the contraindicated tier") \
  X(claim_in_warning, policy_author, "a trust claim is in the warning tier")              \
  X(policy_states_no_claims, policy_author, "the policy does not define `trust_claims`")  \
  X(reference_value_missing, policy_author,                                               \
    "the policy asked for a reference value that is not registered")
TRUSTEE_ERROR_CODES(AppraisalFinding, "appraisal", TRUSTEE_APPRAISAL_FINDINGS)

/// The reasons that an appraisal gives for its status: its claims below affirming, and the
/// reference values it missed. `field` is the submodule with the claim, or with the reference
/// value's name.
finding::FindingList findings_of(const Appraisal& appraisal, std::string_view submodule);

}  // namespace trustee::appraise

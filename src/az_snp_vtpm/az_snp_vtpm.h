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
#include "snp/verify.h"

namespace trustee::az_snp_vtpm {

/// Evidence whose every rule was checked: the SNP report and the vTPM's part.
struct Attested {
  claims::Verified<snp::Attested> snp;
  tpm::Pcrs pcrs{};
  ByteVec nonce;
};

using Outcome = std::variant<claims::Verified<Attested>, snp::Needs>;

/// Errors  azure::evidence_malformed, tpm::pcr_malformed.
Result<azure::Evidence> parse_evidence(std::string_view json);

/// Verifies evidence at time `now`: the rules of azure::check_vtpm, then that the SNP report covers
/// the variable data, user data, init data, and the report with its VCEK. The dates of the VCEK are
/// enforced whatever `snp_policy` says. Needs a revocation list at most.
/// Errors  those of azure, tpm, snp and amd.
/// Source  verifiers specification 9.4.
Result<Outcome> verify(const azure::Evidence& evidence, const claims::Expected& expected,
                       const snp::Endorsements& endorsements, const azure::Policy& azure_policy,
                       const snp::Policy& snp_policy, Time now);

/// The SNP claims as upstream writes them for this TEE: numbers and booleans as strings,
/// `measurement` in base64, no `chip_id`; then those of the vTPM.
claims::ClaimSet claims_of(const claims::Verified<Attested>& attested);

}  // namespace trustee::az_snp_vtpm

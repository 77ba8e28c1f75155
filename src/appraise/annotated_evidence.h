#pragma once

#include <string_view>

#include "base/result.h"
#include "claims/claim_set.h"
#include "codec/json.h"

namespace trustee::appraise {

/// How much of the runtime data reaches policy and token.
enum class Verbosity : std::uint8_t {
  full,
  brief,  ///< without `additional-evidence`, the text of the other devices' evidence
};

/// What the policy reads as `input` and the token carries as `ear.veraison.annotated-evidence`: the
/// claims under the name of their TEE, and beside it `report_data` with `runtime_data_claims`,
/// `init_data` with `init_data_claims`, each pair only when the verifier stated the former.
/// Shape   members sorted by name at every depth; `null` values kept.
/// Errors  claim_not_text, claim_number_too_large.
/// Source  attestation-service specification, section 10.4.
Result<json::Object> annotate(const claims::ClaimSet& verified, std::string_view tee,
                              const json::Value& runtime_data_claims,
                              const json::Value& init_data_claims, Verbosity verbosity);

}  // namespace trustee::appraise

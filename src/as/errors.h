#pragma once

#include "base/error.h"

namespace trustee::as {

#define TRUSTEE_AS_ERRORS(X)                                                                     \
  X(no_requests, guest, "no verification request is given")                                      \
  X(no_policy, administrator, "no policy is given for the token")                                \
  X(hash_unknown, guest, "the hash algorithm of the runtime data is unknown")                    \
  X(runtime_data_not_canonicalisable, guest, "the runtime data has no canonical form")           \
  X(init_data_malformed, guest, "the init data is not the TOML document it must be")             \
  X(init_data_too_large, guest, "the init data exceeds its size limit")                          \
  X(evidence_not_base64, guest, "the evidence is not base64url without padding")                 \
  X(evidence_not_json, guest, "the decoded evidence is not JSON")                                \
  X(policy_not_base64, policy_author, "the policy is not base64url without padding")             \
  X(policy_not_utf8, policy_author, "the decoded policy is not UTF-8")                           \
  X(policy_key_malformed, administrator, "a stored policy has a key without `.rego`")            \
  X(collateral_not_provided, service, "what verification needs was asked for and not handed in") \
  X(reference_rounds_exhausted, policy_author,                                                   \
    "the policy asks for further reference values in every round")                               \
  X(step_after_end, service, "a finished evaluation was asked to go on")
TRUSTEE_ERROR_CODES(Errc, "as", TRUSTEE_AS_ERRORS)

}  // namespace trustee::as

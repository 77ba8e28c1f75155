#pragma once

#include "base/error.h"

namespace trustee::appraise {

#define TRUSTEE_APPRAISE_ERRORS(X)                                                               \
  X(policy_not_found, administrator, "no policy is stored under this id")                        \
  X(policy_not_utf8, administrator, "the stored policy is not UTF-8 text")                       \
  X(policy_id_too_long, administrator, "the policy id is too long")                              \
  X(policy_does_not_load, policy_author, "the policy is not Rego or cannot be prepared")         \
  X(policy_wrong_package, policy_author, "the policy is not in the package that is asked")       \
  X(policy_lacks_rule, policy_author, "the policy does not define the rule that is asked")       \
  X(policy_unknown_function, policy_author, "the policy calls a function that does not exist")   \
  X(policy_failed, policy_author, "the policy could not be evaluated")                           \
  X(policy_too_slow, policy_author, "the policy was stopped at its time limit")                  \
  X(trust_claims_not_object, policy_author, "`trust_claims` is undefined or not an object")      \
  X(trust_claims_empty, policy_author, "`trust_claims` sets no claim")                           \
  X(trust_claim_not_number, policy_author, "a trust claim is not an integer")                    \
  X(trust_claim_out_of_range, policy_author, "a trust claim lies outside -128 to 127")           \
  X(trust_claim_unknown, policy_author, "`trust_claims` names a claim that AR4SI does not have") \
  X(extensions_malformed, policy_author,                                                         \
    "`extensions` is undefined or not an array of {name, key, value}")                           \
  X(extension_name_repeated, policy_author, "two extensions have the same name")                 \
  X(extension_key_repeated, policy_author, "two extensions have the same key")                   \
  X(extension_name_reserved, policy_author, "an extension has the name of a standard member")    \
  X(claim_not_text, guest, "`report_data` or `init_data` of the evidence is not a text")         \
  X(claim_number_too_large, guest, "a claim is an integer beyond 64 bits signed")                \
  X(token_without_submodules, guest, "no evidence is left to make a token from")                 \
  X(token_setting_empty, administrator, "profile, developer and build must not be empty")        \
  X(token_expiration_overflow, administrator, "the token's duration is absurd")                  \
  X(signing_key_not_p256, administrator,                                                         \
    "Only P-256 attestation token signing keys are supported")                                   \
  X(certificate_of_another_key, administrator, "the first certificate is not of the signing key")
TRUSTEE_ERROR_CODES(Errc, "appraise", TRUSTEE_APPRAISE_ERRORS)

}  // namespace trustee::appraise

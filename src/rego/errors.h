#pragma once

#include "base/error.h"

namespace trustee::rego {

/// The rows of Errc: name, who must act, one sentence.
#define TRUSTEE_REGO_ERRORS(X)                                                                   \
  X(syntax, policy_author, "the policy is not Rego v1, or is larger than the engine reads")      \
  X(unsound, policy_author, "the policy has an unsafe variable or rules that clash")             \
  X(wrong_package, policy_author, "the policy is in another package than the rule asked for")    \
  X(rule_missing, policy_author, "the policy does not define a rule it must define")             \
  X(unknown_function, policy_author, "the policy calls a function that does not exist")          \
  X(too_deep, policy_author, "the policy nests too deep, or a function calls itself")            \
  X(evaluation_failed, policy_author, "the policy failed while it was evaluated")                \
  X(time_limit, policy_author, "the policy ran into its time limit")                             \
  X(json_invalid, service, "the input, the data or a reference value is not JSON as wanted")     \
  X(regex_invalid, administrator, "the regular expression is not valid, or too large")           \
  X(argument_invalid, service, "the policy engine was called with an argument it does not take") \
  X(library, service, "the policy engine has a bug or got no thread")
/// Why a policy, a reference value or a regular expression is refused, or has no answer.
TRUSTEE_ERROR_CODES(Errc, "rego", TRUSTEE_REGO_ERRORS)

}  // namespace trustee::rego

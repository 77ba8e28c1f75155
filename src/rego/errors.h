#pragma once

#include "base/error.h"

namespace trustee::rego {

#define TRUSTEE_REGO_ERRORS(X)                                                                   \
  X(syntax, policy_author, "the policy does not parse as Rego v1 or exceeds a size limit")       \
  X(unsound, policy_author, "the policy parses but cannot be prepared")                          \
  X(wrong_package, policy_author, "the policy's package holds none of the rules that are asked") \
  X(rule_missing, policy_author, "the policy does not define a rule that is asked")              \
  X(unknown_function, policy_author, "the policy calls a function that does not exist")          \
  X(too_deep, policy_author, "the policy recurses or nests too deeply")                          \
  X(evaluation_failed, policy_author, "the policy failed to evaluate")                           \
  X(time_limit, policy_author, "the policy was stopped at its time limit")                       \
  X(input_invalid, service, "the input, data or a reference value is not JSON")                  \
  X(pattern_invalid, administrator, "the regular expression does not compile")                   \
  X(engine, service, "the policy engine failed")
TRUSTEE_ERROR_CODES(Errc, "rego", TRUSTEE_REGO_ERRORS)

}  // namespace trustee::rego

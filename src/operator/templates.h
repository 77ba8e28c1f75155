#pragma once

#include <string_view>

namespace trustee::operators {

/// The policies that a TrusteeConfig starts with, from deploy/templates. Lifetime: the program.
/// Source  operator specification, section 3.5.
struct PolicyTemplates {
  std::string_view resource_permissive;   ///< whoever was attested gets resources
  std::string_view resource_restrictive;  ///< affirming tokens only
  std::string_view resource_ibm;          ///< IBM Secure Execution, to be edited by the user
  std::string_view resource_nothing;      ///< instead of a policy that cannot be used
  std::string_view attestation_cpu;
  std::string_view attestation_gpu;
  std::string_view attestation_nothing;  ///< instead of a policy that cannot be used
};
const PolicyTemplates& policy_templates();

}  // namespace trustee::operators

#pragma once

#include <span>
#include <string_view>

namespace trustee::appraise {

/// A policy text that ships with the service. Lifetime: that of the program.
struct ShippedPolicy {
  std::string_view id;  ///< file name below policies/ without `.rego`
  std::string_view text;
};

/// The attestation policies written to an empty store: `default_cpu`, `default_gpu`,
/// `default_switch`, `default_ppcie`.
std::span<const ShippedPolicy> default_policies();

/// The resource policies: `resource_default`, `resource_allow_all`, `resource_deny_all`,
/// `resource_affirming`.
std::span<const ShippedPolicy> resource_policies();

}  // namespace trustee::appraise

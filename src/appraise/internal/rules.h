#pragma once

#include <cstddef>

namespace trustee::appraise {

// The order in which policy.cc asks for the rules.
inline constexpr std::size_t kTrustClaimsRule = 0;
inline constexpr std::size_t kExtensionsRule = 1;

}  // namespace trustee::appraise

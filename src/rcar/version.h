#pragma once

#include <string_view>

#include "base/result.h"
#include "rcar/errors.h"

namespace trustee::rcar {

/// The version clients send and the only one servers accept.
inline constexpr std::string_view kProtocolVersion = "0.4.0";

/// Accepts what a strict semantic version with requirement `=0.4.0` accepts: build metadata is
/// ignored, a pre-release is another version.
/// Errors  version_malformed, version_mismatch.
/// Source  kbs.md 5.1 steps 3 and 4; Semantic Versioning 2.0.0.
Result<void> check_protocol_version(std::string_view version);

}  // namespace trustee::rcar

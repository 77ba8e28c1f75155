#pragma once

#include <optional>
#include <string_view>

#include "base/error.h"

namespace trustee::snp {

/// Upstream's words for a failed rule, as they reach the wire inside "Verifier evaluate failed: …".
/// Nothing where upstream has no such rule. One table; programs compare codes.
std::optional<std::string_view> upstream_text(const Code& code);

}  // namespace trustee::snp

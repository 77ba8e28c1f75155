#pragma once

#include <optional>
#include <string>

#include "base/error.h"

namespace trustee::tdx {

/// Upstream's words for a failed rule of this module and of the event log, as they reach the wire
/// inside "Verifier evaluate failed: …". Nothing where upstream has no such rule. Programs compare
/// codes.
std::optional<std::string> upstream_text(const Error& error);

}  // namespace trustee::tdx

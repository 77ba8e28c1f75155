#pragma once

#include <optional>
#include <string>

#include "base/error.h"

namespace trustee::intel {

/// Upstream's words for a failed rule, as they reach the wire inside "Verifier evaluate failed: …":
/// those of its quote parser, or `tee_verify_quote failed: 0xe0NN - …` with the number and the
/// sentence of Intel's library. Nothing where upstream has no such rule. One table; programs
/// compare codes. Source  verifiers specification 5.1, 5.2, 5.5.
std::optional<std::string> upstream_text(const Error& error);

}  // namespace trustee::intel

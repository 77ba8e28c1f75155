#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "jose/jwt.h"

namespace trustee::jose {

/// Reads the JSON of a JWS header by the rules of kbs.md 6.3; `crit` is refused, RFC 7515 4.1.11.
/// Errors  header_malformed, algorithm_unsupported, critical_header; as parse_jwk.
Result<JwsHeader> parse_jws_header(Bytes text);

}  // namespace trustee::jose

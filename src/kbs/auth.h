#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "authz/session_cookie.h"
#include "base/clock.h"
#include "base/result.h"

namespace trustee::kbs {

/// A challenge as it goes to the guest, and the session cookie that carries it back.
struct IssuedChallenge {
  std::string body;    ///< the Challenge as JSON
  std::string cookie;  ///< sealed
  Time expires;
};

/// Answers a Request with a challenge: 32 random bytes as padded base64, `extra-params` empty.
/// Nothing is kept. Errors: request_malformed (also above rcar::kMaxSmallMessage, unread),
/// version_malformed, version_unsupported, challenge_unavailable (SE, which has no verifier yet).
/// Source: kbs.md 5.1, 5.6. Cost: a few microseconds.
Result<IssuedChallenge> issue_challenge(std::string_view request, const authz::CookieKeyRing& keys,
                                        std::chrono::minutes lifetime, Time now);

/// The outermost cause as the wire has it, e.g. `deserialize Request` (kbs.md 5.1).
std::string auth_failure_text(const Error& error);

}  // namespace trustee::kbs

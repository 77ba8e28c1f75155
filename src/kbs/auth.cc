#include "kbs/auth.h"

#include "base/try.h"
#include "codec/base64.h"
#include "crypto/random.h"
#include "kbs/errors.h"
#include "rcar/errors.h"
#include "rcar/messages.h"
#include "rcar/version.h"

namespace trustee::kbs {
namespace {

constexpr std::size_t kNonceSize = 32;

}  // namespace

Result<IssuedChallenge> issue_challenge(std::string_view text, const authz::CookieKeyRing& keys,
                                        std::chrono::minutes lifetime, Time now) {
  auto request = rcar::parse_request(text);
  if (!request.ok()) return Error(Errc::request_malformed, request.error().to_string());
  if (const auto version = rcar::check_protocol_version(request->version); !version.ok()) {
    const bool malformed = version.error().is(rcar::Errc::version_malformed);
    return Error(malformed ? Errc::version_malformed : Errc::version_unsupported, request->version);
  }
  if (request->tee == rcar::Tee::se) {
    return Error(Errc::challenge_unavailable, "there is no verifier for se");
  }
  const std::string nonce = codec::base64_encode(crypto::random_vec(kNonceSize));
  const Time expires = now + lifetime;
  TRY(std::string cookie,
      keys.seal(authz::ChallengeSession{nonce, std::string(rcar::to_string(request->tee)),
                                        request->version, expires}));
  return IssuedChallenge{rcar::write(rcar::Challenge{nonce, json::Value("")}), std::move(cookie),
                         expires};
}

std::string auth_failure_text(const Error& error) {
  if (error.is(Errc::request_malformed)) return "deserialize Request";
  if (error.is(Errc::version_malformed)) return "failed to parse KBS version";
  if (error.is(Errc::version_unsupported)) {
    return "KBS Client Protocol Version Mismatch: expect =0.4.0 while the request is " +
           error.detail();
  }
  return "Attestation Service generate challenge failed";
}

}  // namespace trustee::kbs

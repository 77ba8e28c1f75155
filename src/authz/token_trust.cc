#include "authz/token_trust.h"

#include <algorithm>
#include <array>

#include "authz/errors.h"
#include "base/try.h"
#include "crypto/digest.h"
#include "jose/endorsement.h"
#include "jose/jwt.h"
#include "rcar/tee_key.h"

namespace trustee::authz {
namespace {

constexpr std::array<std::string_view, 5> kTeeKeyPaths = {
    "/tdx/attester_runtime_data/tee-pubkey",
    "/tdx/attester_user_data/tee-pubkey",
    "/customized_claims/runtime_data/tee-pubkey",
    "/submods/cpu0/ear.veraison.annotated-evidence/runtime_data_claims/tee-pubkey",
    "/tee-pubkey",
};

Error untrusted(const Error& cause) { return Error(Errc::token_untrusted, cause.to_string()); }

bool is_own(const jose::Jwk& jwk, const TokenTrustParts& parts) {
  return jwk.key &&
         std::find(parts.own_keys.begin(), parts.own_keys.end(), *jwk.key) != parts.own_keys.end();
}

// The key whose signature is asked for: the header's own one when it is endorsed (or trusted
// blindly by configuration), else the one of that kid in the JWK sets. A refused header key ends
// the search.
Result<const jose::Jwk*> key_for(const jose::JwsHeader& header, const TokenTrustParts& parts,
                                 Time now) {
  if (header.jwk) {
    if (!parts.insecure_header_jwk && !is_own(*header.jwk, parts)) {
      TRY_VOID(jose::endorse_header_jwk(*header.jwk, parts.trusted_certificates, now));
    }
    return &*header.jwk;
  }
  if (!header.kid) return Error(Errc::token_untrusted, "neither jwk nor kid in the header");
  const jose::Jwk* jwk = parts.jwk_set.find(*header.kid);
  if (jwk == nullptr) return Error(Errc::token_untrusted, "no trusted key with this kid");
  return jwk;
}

}  // namespace

CheckedToken::CheckedToken(json::Value claims, Time expiry, const ByteArray<32>& digest,
                           Result<jose::Recipient> recipient)
    : claims_(std::move(claims)),
      claims_text_(json::write(claims_)),
      expiry_(expiry),
      digest_(digest),
      recipient_(std::move(recipient)) {}

bool CheckedToken::usable_at(Time now) const {
  return unix_seconds(now) - jose::kLeewaySeconds <= unix_seconds(expiry_);
}

Result<TokenTrust> TokenTrust::create(TokenTrustParts parts) {
  if (parts.trusted_certificates.empty() && parts.jwk_set.keys().empty() &&
      !parts.insecure_header_jwk && parts.own_keys.empty()) {
    return Error(Errc::no_trust_material,
                 "Cannot verify token since no trusted verification materials are provided. Set "
                 "trusted_certs_paths or trusted_jwk_sets under [attestation_token]");
  }
  return TokenTrust(std::move(parts));
}

TokenTrust TokenTrust::with_own_keys(std::vector<crypto::PublicKey> keys) const {
  TokenTrustParts parts = parts_;
  parts.own_keys = std::move(keys);
  return TokenTrust(std::move(parts));
}

Result<const json::Value*> find_tee_key(const json::Value& claims,
                                        const std::vector<std::string>& extra_paths) {
  for (const auto& path : extra_paths) {
    if (const json::Value* hit = claims.at_pointer(path)) return hit;
  }
  for (const auto path : kTeeKeyPaths) {
    if (const json::Value* hit = claims.at_pointer(path)) return hit;
  }
  return Errc::tee_key_missing;
}

Result<jose::Recipient> TokenTrust::recipient_in(const json::Value& claims) const {
  TRY(const json::Value* value, find_tee_key(claims, parts_.extra_teekey_paths));
  auto key = rcar::parse_tee_pubkey(*value);
  if (!key.ok()) return Error(Errc::tee_key_malformed, key.error().to_string());
  return rcar::make_recipient(*key, parts_.jwe);
}

Result<std::shared_ptr<const CheckedToken>> TokenTrust::check(std::string_view text,
                                                              Time now) const {
  const auto token = jose::UnverifiedToken::parse(text);
  if (!token.ok()) return untrusted(token.error());
  const auto key = key_for(token->header(), parts_, now);
  if (!key.ok()) return untrusted(key.error());
  auto claims = token->verify(**key, now);
  if (!claims.ok()) return untrusted(claims.error());
  const Time expiry = claims->expiry();
  json::Value value = std::move(*claims).take();
  Result<jose::Recipient> recipient = recipient_in(value);
  return std::shared_ptr<const CheckedToken>(new CheckedToken(
      std::move(value), expiry, crypto::sha256(as_bytes(text)), std::move(recipient)));
}

}  // namespace trustee::authz

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "codec/json.h"
#include "crypto/key.h"
#include "jose/jwk.h"

namespace trustee::jose {

inline constexpr std::size_t kMaxTokenSize = 256 * 1024;   ///< bytes of the compact form
inline constexpr std::size_t kMaxHeaderSize = 128 * 1024;  ///< bytes of the header's JSON
inline constexpr std::int64_t kLeewaySeconds = 60;         ///< clocks may differ by this much

/// What an unverified token says about itself: enough to choose a key, nothing to act on.
struct JwsHeader {
  crypto::SignatureScheme scheme =
      crypto::SignatureScheme::es256;  ///< to be compared with the key's
  std::optional<std::string> kid;      ///< names a key of the issuer
  std::optional<Jwk> jwk;              ///< the token's own key: to be believed only where endorsed
};

/// The claims of a token whose signature and expiry were checked. Made by
/// `UnverifiedToken::verify` only.
class VerifiedClaims {
 public:
  /// Lifetime: that of this object.
  const json::Object& object() const { return *claims_.as_object(); }
  /// The same as a value, always an object.
  const json::Value& value() const { return claims_; }
  json::Value take() && { return std::move(claims_); }
  Time expiry() const { return expiry_; }  ///< without leeway

 private:
  friend class UnverifiedToken;
  VerifiedClaims(json::Value claims, Time expiry) : claims_(std::move(claims)), expiry_(expiry) {}

  json::Value claims_;  // an object
  Time expiry_;
};

/// A compact JWS that nobody has checked yet. Its payload stays closed until `verify`.
class UnverifiedToken {
 public:
  /// Errors  token_too_large, token_malformed, header_malformed, algorithm_unsupported,
  ///         critical_header; as parse_jwk for the header's own key.
  /// Source  RFC 7515 7.1; kbs.md 6.3. `typ`, `use` and unknown text members are not looked at.
  static Result<UnverifiedToken> parse(std::string_view token,
                                       std::size_t max_size = kMaxTokenSize);

  /// What the token says, not what is so. Lifetime: that of this object.
  const JwsHeader& header() const { return header_; }

  /// Signature with this key by its scheme, then expiry: `exp` must be an integer and not more than
  /// kLeewaySeconds ago. No other claim is looked at.
  /// Errors  algorithm_mismatch, rsa_key_too_small (below kMinRsaBits); crypto::signature_invalid,
  ///         crypto::unsupported, crypto::library; claims_malformed, expiry_missing, token_expired.
  /// Source  kbs.md 6.3.   Cost  one verification and one JSON parse.
  Result<VerifiedClaims> verify(const crypto::PublicKey& key, crypto::SignatureScheme scheme,
                                Time now) const;
  /// The same with the scheme of the JWK. Errors: also key_not_for_signatures.
  Result<VerifiedClaims> verify(const Jwk& jwk, Time now) const;

  /// The signature alone, for JWS that are no tokens: the payload bytes once it holds.
  /// Errors  algorithm_mismatch, rsa_key_too_small; crypto::signature_invalid, crypto::unsupported,
  ///         crypto::library; token_malformed.
  Result<ByteVec> verify_signature(const crypto::PublicKey& key,
                                   crypto::SignatureScheme scheme) const;

 private:
  UnverifiedToken() = default;

  std::string text_;              // header.payload.signature
  std::size_t payload_at_ = 0;    // of the first character of the payload
  std::size_t signature_at_ = 0;  // of the first character of the signature
  JwsHeader header_;
  ByteVec signature_;
};

/// The times a token claims for itself, in seconds since the epoch.
struct ClaimedValidity {
  std::optional<std::int64_t> not_before;  ///< none without an integer `nbf`
  std::optional<std::int64_t> expiry;      ///< none without an integer `exp`
};

/// Reads `nbf` and `exp` **without any check of the signature**: for a client that only wants to
/// know whether its own token is worth sending. Errors: token_too_large, token_malformed (any of
/// the three parts), claims_malformed. Source  client-and-guest.md 3.7.
Result<ClaimedValidity> unverified_validity(std::string_view token);

}  // namespace trustee::jose

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "codec/json.h"
#include "crypto/x509.h"
#include "jose/jwe.h"
#include "jose/jwk_set.h"

namespace trustee::authz {

/// Whom attestation tokens are believed from (`[attestation_token]`, kbs.md 6).
struct TokenTrustParts {
  std::vector<crypto::Certificate> trusted_certificates;
  jose::JwkSet jwk_set;
  std::vector<std::string> extra_teekey_paths;  ///< JSON pointers, tried first
  bool insecure_header_jwk = false;
  /// Keys of the attestation service in this process: a header key among them is believed.
  std::vector<crypto::PublicKey> own_keys;
  jose::JwePolicy jwe;
};

/// An attestation token whose signature and expiry were checked. Made by TokenTrust only.
/// Immutable; shared by everything that was asked with the same token.
class CheckedToken {
 public:
  /// The claims as JSON, for policies.
  const std::string& claims_text() const { return claims_text_; }
  const json::Value& claims() const { return claims_; }
  Time expiry() const { return expiry_; }  ///< without leeway
  /// SHA-256 of the token's text: tells tokens apart without showing them.
  const ByteArray<32>& digest() const { return digest_; }
  /// Whether the token may still be used: 60 s of leeway after its expiry.
  bool usable_at(Time now) const;
  /// Whom answers are encrypted to. Errors: tee_key_missing, tee_key_malformed; jose errors when
  /// the key cannot be encrypted to.
  const Result<jose::Recipient>& recipient() const { return recipient_; }

 private:
  friend class TokenTrust;
  CheckedToken(json::Value claims, Time expiry, const ByteArray<32>& digest,
               Result<jose::Recipient> recipient);
  json::Value claims_;
  std::string claims_text_;
  Time expiry_;
  ByteArray<32> digest_;
  Result<jose::Recipient> recipient_;
};

/// Checks attestation tokens. Immutable; safe from many threads.
class TokenTrust {
 public:
  /// Errors: no_trust_material.
  static Result<TokenTrust> create(TokenTrustParts parts);

  /// The same trust with other `own_keys`.
  TokenTrust with_own_keys(std::vector<crypto::PublicKey> keys) const;

  /// Signature by a trusted key, then expiry. Errors: token_untrusted; the detail says why.
  /// Cost: a signature verification and, for header keys, a certificate chain.
  Result<std::shared_ptr<const CheckedToken>> check(std::string_view token, Time now) const;

 private:
  explicit TokenTrust(TokenTrustParts parts) : parts_(std::move(parts)) {}
  Result<jose::Recipient> recipient_in(const json::Value& claims) const;

  TokenTrustParts parts_;
};

/// The TEE public key in a token's claims: the first pointer that exists decides (kbs.md 6.4).
/// Errors: tee_key_missing.
Result<const json::Value*> find_tee_key(const json::Value& claims,
                                        const std::vector<std::string>& extra_paths);

}  // namespace trustee::authz

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "codec/json.h"
#include "crypto/key.h"
#include "crypto/x509.h"
#include "jose/jwk.h"
#include "jose/signer.h"

namespace trustee::appraise {

/// The key that signs attestation tokens, with the certificates that vouch for it. Copies share the
/// key; safe from many threads.
/// Source  attestation-service specification, sections 10.1 and 10.6.
class TokenSigner {
 public:
  /// `chain`, when there is one, goes into `x5c` in its order; its first certificate must be of
  /// this key. `url` goes into `x5u` as it is and is never fetched. Errors  signing_key_not_p256,
  /// certificate_of_another_key.
  static Result<TokenSigner> create(crypto::PrivateKey key,
                                    std::optional<std::vector<crypto::Certificate>> chain = {},
                                    std::optional<std::string> url = {});
  /// A fresh key without certificates: tokens verify until the process ends.
  static Result<TokenSigner> ephemeral();

  /// The compact JWS of `payload`, header `typ`, `alg`, `jwk`. Cost: one signature.
  Result<std::string> sign(std::string_view payload) const {
    return signer_.sign(as_bytes(payload));
  }
  const jose::Jwk& jwk() const { return jwk_; }

 private:
  TokenSigner(jose::Jwk jwk, jose::Signer signer)
      : jwk_(std::move(jwk)), signer_(std::move(signer)) {}

  jose::Jwk jwk_;
  jose::Signer signer_;
};

/// The signing key in force and the keys before it, which stay published until their last token has
/// expired. An immutable snapshot: rotation makes another one.
class SignerRing {
 public:
  explicit SignerRing(TokenSigner current) : current_(std::move(current)) {}

  const TokenSigner& current() const { return current_; }
  /// `next` signs from `now` on; the old key stays published for `token_lifetime` and the leeway
  /// that verifiers grant. Keys whose time is over are dropped. Rotating to the same key drops
  /// nothing and publishes it once.
  SignerRing rotated(TokenSigner next, Time now, std::chrono::seconds token_lifetime) const;
  /// Whether a previous key's time is over, so that nobody may rely on it any more.
  bool has_expired(Time now) const;
  /// This ring without such keys.
  SignerRing without_expired(Time now) const;
  /// All keys of the ring: the current one first, then the previous ones, newest first.
  std::vector<jose::Jwk> published() const;
  /// `{"keys":[…]}` of those whose time is not over.
  json::Object jwks(Time now) const;

 private:
  struct Previous {
    jose::Jwk jwk;
    Time published_until;
  };

  TokenSigner current_;
  std::vector<Previous> previous_;
};

}  // namespace trustee::appraise

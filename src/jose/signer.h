#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/key.h"
#include "jose/jwk.h"

namespace trustee::jose {

/// The header of an attestation token: `{"typ":"JWT","alg":…,"jwk":{…}}`, where `alg` is that of
/// the JWK. Errors: key_not_for_signatures. Source: attestation-service.md 10.1.
Result<std::string> header_with_jwk(const Jwk& jwk);

/// A private key with one header, ready to sign many payloads. Copies share the key; safe from many
/// threads.
class Signer {
 public:
  /// `header` is the exact JSON text that goes into every token; its `alg` must be `scheme`, and
  /// the key must make such signatures. Errors  header_malformed, critical_header,
  /// algorithm_mismatch, key_not_for_signatures.
  static Result<Signer> create(crypto::PrivateKey key, crypto::SignatureScheme scheme,
                               std::string_view header);

  /// The compact JWS over `payload`. Cost: one signature. Errors: crypto::library.
  Result<std::string> sign(Bytes payload) const;

 private:
  Signer(crypto::PrivateKey key, crypto::SignatureScheme scheme, std::string prefix)
      : key_(std::move(key)), scheme_(scheme), prefix_(std::move(prefix)) {}

  crypto::PrivateKey key_;
  crypto::SignatureScheme scheme_;
  std::string prefix_;  // base64url of the header, and the dot
};

}  // namespace trustee::jose

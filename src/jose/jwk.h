#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/json.h"
#include "crypto/key.h"
#include "jose/errors.h"

namespace trustee::jose {

inline constexpr std::size_t kMaxX5cEntries = 16;  ///< certificates
inline constexpr std::size_t kMaxJwkText =
    64 * 1024;  ///< bytes of a text, twice as many of an x5c entry

/// A JSON Web Key, RFC 7517: the public key and the members that are looked at or passed on. All
/// other members are dropped when it is read. `oct` keys are known but have no public key here and
/// therefore never verify anything.
struct Jwk {
  std::optional<crypto::PublicKey> key;         ///< none for `oct`
  std::optional<std::string> use;               ///< kept, never looked at
  std::optional<std::string> alg;               ///< any text, also of no algorithm we know
  std::optional<std::string> kid;               ///< any text
  std::optional<std::string> x5u;               ///< never fetched
  std::optional<std::vector<std::string>> x5c;  ///< base64 of DER certificates, unchecked
};

/// Reads RSA, EC (P-256, P-384, P-521), OKP (Ed25519) and oct keys. `null` counts as absent but for
/// members that the key type requires. Shape: EC coordinates of exactly the field's length.
/// Errors  jwk_malformed, key_type_unsupported; crypto::point_not_on_curve, crypto::key_malformed.
Result<Jwk> parse_jwk(const json::Value& value);

/// The JWK of a key that signs tokens: `alg` and the key, nothing else.
/// Errors  key_not_for_signatures.
Result<Jwk> jwk_for_signatures(crypto::PublicKey key, crypto::SignatureScheme scheme);

/// The JSON object of a key as made by the two functions above, members in the order in which
/// released services write them: use, alg, kid, x5u, x5c, kty, then crv, x, y or n, e. Nothing of
/// an `oct` key but its type. Source  attestation-service.md 10.1.
json::Object to_json(const Jwk& jwk);

/// `{"keys":[…]}` of these keys.
json::Object to_json_set(const std::vector<Jwk>& keys);

/// The one signature scheme the key verifies: that of `alg`, which must fit the key, or, without
/// `alg`, the one that follows from the key: ES256, ES384, EdDSA, and RS256 for RSA.
/// Errors  key_not_for_signatures.
Result<crypto::SignatureScheme> signature_scheme(const Jwk& jwk);

/// RFC 7638 with SHA-256. Shape: 43 characters of base64url. Errors: key_type_unsupported.
Result<std::string> thumbprint(const crypto::PublicKey& key);

}  // namespace trustee::jose

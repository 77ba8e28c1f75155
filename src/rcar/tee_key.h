#pragma once

#include <string>
#include <variant>

#include "base/result.h"
#include "codec/json.h"
#include "jose/jwe.h"
#include "rcar/errors.h"

namespace trustee::rcar {

/// The public key to which answers are encrypted, as it is on the wire. Exactly these members enter
/// the binding digest and the token; others are dropped when it is read. The values stay text: the
/// digest is over what was sent. Source: kbs.md 4.
struct EcTeeKey {
  std::string crv, alg, x, y;
  friend bool operator==(const EcTeeKey&, const EcTeeKey&) = default;
};
struct RsaTeeKey {
  std::string alg, n, e;
  friend bool operator==(const RsaTeeKey&, const RsaTeeKey&) = default;
};
struct AkpTeeKey {
  std::string alg, pub;
  friend bool operator==(const AkpTeeKey&, const AkpTeeKey&) = default;
};
using TeePubKey = std::variant<EcTeeKey, RsaTeeKey, AkpTeeKey>;

/// Reads the form tagged by `kty`, case-sensitive; all members of the kind are required texts.
/// Errors  tee_key_type_unsupported; codec::json_missing_member, codec::json_wrong_type.
Result<TeePubKey> parse_tee_pubkey(const json::Value& value);

/// Members in wire order: kty, then crv, alg, x, y / alg, n, e / alg, pub.
json::Object to_json(const TeePubKey& key);

/// The key as it is announced by its owner, who will decrypt with `wrap`: P-256 or P-521 for
/// ECDH-ES, RSA otherwise. Errors: tee_key_unusable.
Result<TeePubKey> announce(const crypto::PublicKey& key, jose::KeyWrap wrap);

/// Checks the key and makes it ready for encrypting; do it once per token.
/// Errors  tee_key_malformed, tee_key_unusable (AKP, unknown curve); crypto::point_not_on_curve,
///         crypto::key_malformed; as jose::Recipient::create.
/// Source  kbs.md 8.
Result<jose::Recipient> make_recipient(const TeePubKey& key, const jose::JwePolicy& policy = {});

}  // namespace trustee::rcar

#include "rcar/tee_key.h"

#include "base/try.h"
#include "codec/base64.h"

namespace trustee::rcar {
namespace {

using crypto::Curve;
using crypto::PublicKey;

Result<std::string> text_of(const json::Object& object, std::string_view name) {
  TRY(const std::string* const text, json::string_member(object, name));
  return *text;
}

Result<TeePubKey> parse_ec(const json::Object& object) {
  EcTeeKey key;
  TRY(key.crv, text_of(object, "crv"));
  TRY(key.alg, text_of(object, "alg"));
  TRY(key.x, text_of(object, "x"));
  TRY(key.y, text_of(object, "y"));
  return key;
}

Result<TeePubKey> parse_rsa(const json::Object& object) {
  RsaTeeKey key;
  TRY(key.alg, text_of(object, "alg"));
  TRY(key.n, text_of(object, "n"));
  TRY(key.e, text_of(object, "e"));
  return key;
}

Result<TeePubKey> parse_akp(const json::Object& object) {
  AkpTeeKey key;
  TRY(key.alg, text_of(object, "alg"));
  TRY(key.pub, text_of(object, "pub"));
  return key;
}

struct ToJson {
  json::Object operator()(const EcTeeKey& key) const {
    return {{"kty", "EC"}, {"crv", key.crv}, {"alg", key.alg}, {"x", key.x}, {"y", key.y}};
  }
  json::Object operator()(const RsaTeeKey& key) const {
    return {{"kty", "RSA"}, {"alg", key.alg}, {"n", key.n}, {"e", key.e}};
  }
  json::Object operator()(const AkpTeeKey& key) const {
    return {{"kty", "AKP"}, {"alg", key.alg}, {"pub", key.pub}};
  }
};

Result<ByteVec> decoded(std::string_view text, const char* member) {
  auto bytes = codec::base64url_decode(text);
  if (!bytes.ok()) return Error(Errc::tee_key_malformed, member);
  return std::move(bytes).value();
}

/// The curves on which answers can be encrypted. P-384 is none of them.
Result<Curve> curve_from_name(const std::string& name) {
  if (name == "P-256") return Curve::p256;
  if (name == "P-521") return Curve::p521;
  return Error(Errc::tee_key_unusable, "crv " + name);
}

struct MakeRecipient {
  const jose::JwePolicy& policy;

  Result<jose::Recipient> operator()(const EcTeeKey& key) const {
    TRY(const Curve curve, curve_from_name(key.crv));
    TRY(const ByteVec x, decoded(key.x, "x"));
    TRY(const ByteVec y, decoded(key.y, "y"));
    const std::size_t size = crypto::field_size(curve);
    if (x.size() != size || y.size() != size) {
      return Error(Errc::tee_key_malformed, "length of a coordinate");
    }
    TRY(PublicKey point, PublicKey::from_ec_point(curve, x, y));
    return jose::Recipient::create(std::move(point), key.alg, policy);
  }

  Result<jose::Recipient> operator()(const RsaTeeKey& key) const {
    TRY(const ByteVec n, decoded(key.n, "n"));
    TRY(const ByteVec e, decoded(key.e, "e"));
    TRY(PublicKey rsa, PublicKey::from_rsa(n, e));
    return jose::Recipient::create(std::move(rsa), key.alg, policy);
  }

  Result<jose::Recipient> operator()(const AkpTeeKey& key) const {
    return Error(Errc::tee_key_unusable, "AKP " + key.alg);
  }
};

Result<TeePubKey> announce_ec(const PublicKey& key, std::string_view alg) {
  TRY(const Curve curve, key.curve());
  if (curve == Curve::p384) return Error(Errc::tee_key_unusable, "curve P-384");
  TRY(const ByteVec x, key.ec_x());
  TRY(const ByteVec y, key.ec_y());
  return EcTeeKey{curve == Curve::p256 ? "P-256" : "P-521", std::string(alg),
                  codec::base64url_encode(x), codec::base64url_encode(y)};
}

Result<TeePubKey> announce_rsa(const PublicKey& key, std::string_view alg) {
  TRY(const ByteVec n, key.rsa_n());
  TRY(const ByteVec e, key.rsa_e());
  return RsaTeeKey{std::string(alg), codec::base64url_encode(n), codec::base64url_encode(e)};
}

}  // namespace

Result<TeePubKey> parse_tee_pubkey(const json::Value& value) {
  TRY(const json::Object* const object, json::object_of(value, "tee-pubkey"));
  TRY(const std::string* const kty, json::string_member(*object, "kty"));
  if (*kty == "EC") return parse_ec(*object);
  if (*kty == "RSA") return parse_rsa(*object);
  if (*kty == "AKP") return parse_akp(*object);
  return Error(Errc::tee_key_type_unsupported, "kty " + *kty);
}

json::Object to_json(const TeePubKey& key) { return std::visit(ToJson{}, key); }

Result<TeePubKey> announce(const crypto::PublicKey& key, jose::KeyWrap wrap) {
  const std::string_view alg = jose::to_string(wrap);
  const bool agreement = wrap == jose::KeyWrap::ecdh_es_a256kw;
  if (agreement && key.type() == crypto::KeyType::ec && key.curve().ok()) {
    return announce_ec(key, alg);
  }
  if (!agreement && key.type() == crypto::KeyType::rsa) return announce_rsa(key, alg);
  return Error(Errc::tee_key_unusable, "the key does not fit its algorithm");
}

Result<jose::Recipient> make_recipient(const TeePubKey& key, const jose::JwePolicy& policy) {
  return std::visit(MakeRecipient{policy}, key);
}

}  // namespace trustee::rcar

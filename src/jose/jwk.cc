#include "jose/jwk.h"

#include "base/check.h"
#include "base/try.h"
#include "codec/base64.h"
#include "crypto/digest.h"
#include "jose/algorithm.h"

namespace trustee::jose {
namespace {

using crypto::Curve;
using crypto::KeyType;
using crypto::PublicKey;
using crypto::SignatureScheme;

Error malformed(std::string_view member) {
  return Error(Errc::jwk_malformed, "member " + std::string(member));
}

Result<std::optional<std::string>> optional_text(const json::Object& object,
                                                 std::string_view name) {
  const json::Value* const value = object.find(name);
  if (value == nullptr || value->is_null()) return std::optional<std::string>();
  const std::string* const text = value->as_string();
  if (text == nullptr || text->size() > kMaxJwkText) return malformed(name);
  return std::optional(*text);
}

Result<std::string> required_text(const json::Object& object, std::string_view name) {
  TRY(std::optional<std::string> text, optional_text(object, name));
  if (!text.has_value()) return malformed(name);
  return *std::move(text);
}

Result<ByteVec> bytes_member(const json::Object& object, std::string_view name) {
  TRY(const std::string text, required_text(object, name));
  auto bytes = codec::base64url_decode(text);
  if (!bytes.ok()) return malformed(name);
  return std::move(bytes).value();
}

Result<std::optional<std::vector<std::string>>> certificates_member(const json::Object& object) {
  using Texts = std::vector<std::string>;
  const json::Value* const value = object.find("x5c");
  if (value == nullptr || value->is_null()) return std::optional<Texts>();
  const json::Array* const array = value->as_array();
  if (array == nullptr || array->size() > kMaxX5cEntries) return malformed("x5c");
  Texts texts;
  for (const json::Value& entry : *array) {
    const std::string* const text = entry.as_string();
    if (text == nullptr || text->size() > 2 * kMaxJwkText) return malformed("x5c");
    texts.push_back(*text);
  }
  return std::optional(std::move(texts));
}

std::optional<Curve> curve_from_name(std::string_view name) {
  if (name == "P-256") return Curve::p256;
  if (name == "P-384") return Curve::p384;
  if (name == "P-521") return Curve::p521;
  return std::nullopt;
}

std::string_view curve_name(Curve curve) {
  switch (curve) {
    case Curve::p256:
      return "P-256";
    case Curve::p384:
      return "P-384";
    case Curve::p521:
      return "P-521";
  }
  TRUSTEE_CHECK(false);
  return {};
}

Result<PublicKey> parse_ec(const json::Object& object) {
  TRY(const std::string name, required_text(object, "crv"));
  const std::optional<Curve> curve = curve_from_name(name);
  if (!curve.has_value()) return Error(Errc::key_type_unsupported, "crv " + name);
  TRY(const ByteVec x, bytes_member(object, "x"));
  TRY(const ByteVec y, bytes_member(object, "y"));
  if (x.size() != crypto::field_size(*curve)) return malformed("x");
  if (y.size() != crypto::field_size(*curve)) return malformed("y");
  return PublicKey::from_ec_point(*curve, x, y);
}

Result<PublicKey> parse_rsa(const json::Object& object) {
  TRY(const ByteVec n, bytes_member(object, "n"));
  TRY(const ByteVec e, bytes_member(object, "e"));
  return PublicKey::from_rsa(n, e);
}

Result<PublicKey> parse_okp(const json::Object& object) {
  TRY(const std::string name, required_text(object, "crv"));
  if (name != "Ed25519") return Error(Errc::key_type_unsupported, "crv " + name);
  TRY(const ByteVec x, bytes_member(object, "x"));
  if (x.size() != 32) return malformed("x");
  return PublicKey::from_ed25519(x);
}

Result<std::optional<PublicKey>> parse_key(const json::Object& object) {
  TRY(const std::string kty, required_text(object, "kty"));
  if (kty == "oct") {
    TRY_VOID(required_text(object, "k"));
    return std::optional<PublicKey>();
  }
  if (kty == "EC") {
    TRY(PublicKey key, parse_ec(object));
    return std::optional(std::move(key));
  }
  if (kty == "RSA") {
    TRY(PublicKey key, parse_rsa(object));
    return std::optional(std::move(key));
  }
  if (kty == "OKP") {
    TRY(PublicKey key, parse_okp(object));
    return std::optional(std::move(key));
  }
  return Error(Errc::key_type_unsupported, "kty " + kty);
}

/// A component that the type of the key guarantees.
std::string component(const Result<ByteVec>& bytes) {
  return codec::base64url_encode(bytes.value());
}

/// The members that make the key, in wire order.
void append_key(json::Object& out, const PublicKey& key) {
  switch (key.type()) {
    case KeyType::ec:
      out.append("kty", "EC");
      out.append("crv", curve_name(key.curve().value()));
      out.append("x", component(key.ec_x()));
      out.append("y", component(key.ec_y()));
      return;
    case KeyType::rsa:
      out.append("kty", "RSA");
      out.append("n", component(key.rsa_n()));
      out.append("e", component(key.rsa_e()));
      return;
    case KeyType::ed25519:
      out.append("kty", "OKP");
      out.append("crv", "Ed25519");
      out.append("x", component(key.ed25519()));
      return;
  }
}

std::optional<SignatureScheme> inferred_scheme(const PublicKey& key) {
  for (const SignatureScheme scheme : {SignatureScheme::es256, SignatureScheme::es384,
                                       SignatureScheme::rs256, SignatureScheme::eddsa}) {
    if (fits(scheme, key)) return scheme;
  }
  return std::nullopt;
}

}  // namespace

Result<Jwk> parse_jwk(const json::Value& value) {
  const json::Object* const object = value.as_object();
  if (object == nullptr) return Error(Errc::jwk_malformed, "not an object");
  Jwk jwk;
  TRY(jwk.key, parse_key(*object));
  TRY(jwk.use, optional_text(*object, "use"));
  TRY(jwk.alg, optional_text(*object, "alg"));
  TRY(jwk.kid, optional_text(*object, "kid"));
  TRY(jwk.x5u, optional_text(*object, "x5u"));
  TRY(jwk.x5c, certificates_member(*object));
  return jwk;
}

Result<Jwk> jwk_for_signatures(PublicKey key, SignatureScheme scheme) {
  if (!fits(scheme, key)) return Errc::key_not_for_signatures;
  Jwk jwk;
  jwk.key = std::move(key);
  jwk.alg = to_string(scheme);
  return jwk;
}

json::Object to_json(const Jwk& jwk) {
  json::Object out;
  if (jwk.use.has_value()) out.append("use", *jwk.use);
  if (jwk.alg.has_value()) out.append("alg", *jwk.alg);
  if (jwk.kid.has_value()) out.append("kid", *jwk.kid);
  if (jwk.x5u.has_value()) out.append("x5u", *jwk.x5u);
  if (jwk.x5c.has_value()) out.append("x5c", json::Array(jwk.x5c->begin(), jwk.x5c->end()));
  if (jwk.key.has_value()) {
    append_key(out, *jwk.key);
  } else {
    out.append("kty", "oct");
  }
  return out;
}

json::Object to_json_set(const std::vector<Jwk>& keys) {
  json::Array array;
  for (const Jwk& jwk : keys) {
    array.push_back(to_json(jwk));
  }
  json::Object out;
  out.append("keys", std::move(array));
  return out;
}

Result<SignatureScheme> signature_scheme(const Jwk& jwk) {
  if (!jwk.key.has_value()) return Error(Errc::key_not_for_signatures, "kty oct");
  const std::optional<SignatureScheme> scheme =
      jwk.alg.has_value() ? scheme_from_name(*jwk.alg) : inferred_scheme(*jwk.key);
  if (!scheme.has_value() || !fits(*scheme, *jwk.key)) {
    return Error(Errc::key_not_for_signatures, "alg " + jwk.alg.value_or("(inferred)"));
  }
  return *scheme;
}

Result<std::string> thumbprint(const PublicKey& key) {
  if (key.type() == KeyType::ec && !key.curve().ok()) return Errc::key_type_unsupported;
  json::Object members;
  append_key(members, key);
  const std::string text = json::write_sorted(std::move(members));
  return codec::base64url_encode(crypto::sha256(as_bytes(text)));
}

}  // namespace trustee::jose

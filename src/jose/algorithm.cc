#include "jose/algorithm.h"

#include "base/check.h"

namespace trustee::jose {
namespace {

using crypto::Curve;
using crypto::KeyType;
using crypto::SignatureScheme;

struct SchemeName {
  SignatureScheme scheme;
  std::string_view name;
};
constexpr SchemeName kSchemes[] = {
    {SignatureScheme::es256, "ES256"}, {SignatureScheme::es384, "ES384"},
    {SignatureScheme::rs256, "RS256"}, {SignatureScheme::rs384, "RS384"},
    {SignatureScheme::rs512, "RS512"}, {SignatureScheme::ps256, "PS256"},
    {SignatureScheme::ps384, "PS384"}, {SignatureScheme::ps512, "PS512"},
    {SignatureScheme::eddsa, "EdDSA"}};

struct KeyWrapName {
  KeyWrap wrap;
  std::string_view name;
};
constexpr KeyWrapName kKeyWraps[] = {{KeyWrap::rsa1_5, "RSA1_5"},
                                     {KeyWrap::rsa_oaep_256, "RSA-OAEP-256"},
                                     {KeyWrap::ecdh_es_a256kw, "ECDH-ES+A256KW"}};

bool is_on(const crypto::PublicKey& key, Curve curve) {
  const Result<Curve> c = key.curve();
  return c.ok() && *c == curve;
}

}  // namespace

std::optional<SignatureScheme> scheme_from_name(std::string_view name) {
  for (const SchemeName& s : kSchemes) {
    if (s.name == name) return s.scheme;
  }
  return std::nullopt;
}

std::string_view to_string(SignatureScheme scheme) {
  for (const SchemeName& s : kSchemes) {
    if (s.scheme == scheme) return s.name;
  }
  TRUSTEE_CHECK(false);
  return {};
}

bool fits(SignatureScheme scheme, const crypto::PublicKey& key) {
  switch (scheme) {
    case SignatureScheme::es256:
      return is_on(key, Curve::p256);
    case SignatureScheme::es384:
      return is_on(key, Curve::p384);
    case SignatureScheme::rs256:
    case SignatureScheme::rs384:
    case SignatureScheme::rs512:
    case SignatureScheme::ps256:
    case SignatureScheme::ps384:
    case SignatureScheme::ps512:
      return key.type() == KeyType::rsa;
    case SignatureScheme::eddsa:
      return key.type() == KeyType::ed25519;
  }
  TRUSTEE_CHECK(false);
  return false;
}

std::optional<KeyWrap> key_wrap_from_name(std::string_view name) {
  for (const KeyWrapName& w : kKeyWraps) {
    if (w.name == name) return w.wrap;
  }
  return std::nullopt;
}

std::string_view to_string(KeyWrap wrap) {
  for (const KeyWrapName& w : kKeyWraps) {
    if (w.wrap == wrap) return w.name;
  }
  TRUSTEE_CHECK(false);
  return {};
}

}  // namespace trustee::jose

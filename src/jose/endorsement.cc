#include "jose/endorsement.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/try.h"
#include "codec/base64.h"
#include "jose/algorithm.h"

namespace trustee::jose {
namespace {

using crypto::Certificate;

Result<void> check_some_certificate_is_trusted(std::span<const Certificate> trusted) {
  if (trusted.empty()) return Errc::no_trusted_certificates;
  return {};
}

Result<void> check_key_type_can_be_endorsed(const Jwk& jwk) {
  if (!jwk.key.has_value()) return Errc::endorsement_key_type;
  if (jwk.key->type() == crypto::KeyType::rsa) return {};
  if (fits(crypto::SignatureScheme::es256, *jwk.key)) return {};
  return Errc::endorsement_key_type;
}

Result<Certificate> parse_entry(std::string text) {
  std::erase_if(text, [](char c) { return c == '\r' || c == '\n'; });
  auto der = codec::base64_decode(text);
  if (!der.ok()) der = codec::base64url_decode(text);
  if (!der.ok()) return Error(Errc::endorsement_malformed, "an entry of x5c is not base64");
  auto certificate = Certificate::from_der(*der);
  if (!certificate.ok()) {
    return Error(Errc::endorsement_malformed, certificate.error().to_string());
  }
  return std::move(certificate).value();
}

Result<std::vector<Certificate>> parse_chain(const Jwk& jwk) {
  if (!jwk.x5c.has_value() || jwk.x5c->empty()) return Errc::endorsement_missing;
  if (jwk.x5c->size() > kMaxX5cEntries) return Error(Errc::endorsement_malformed, "length of x5c");
  std::vector<Certificate> chain;
  for (const std::string& entry : *jwk.x5c) {
    TRY(Certificate certificate, parse_entry(entry));
    chain.push_back(std::move(certificate));
  }
  return chain;
}

Result<void> check_leaf_is_of_this_key(const Certificate& leaf, const Jwk& jwk) {
  if (!(leaf.public_key() == *jwk.key)) return Errc::endorsement_key_mismatch;
  return {};
}

}  // namespace

Result<void> endorse_header_jwk(const Jwk& jwk, std::span<const Certificate> trusted, Time now) {
  TRY_VOID(check_some_certificate_is_trusted(trusted));
  TRY_VOID(check_key_type_can_be_endorsed(jwk));
  TRY(const std::vector<Certificate> chain, parse_chain(jwk));
  TRY_VOID(check_leaf_is_of_this_key(chain.front(), jwk));
  return crypto::verify_chain(chain.front(), std::span(chain).subspan(1), trusted, now)
      .while_doing("checking who endorses the token's own key");
}

}  // namespace trustee::jose

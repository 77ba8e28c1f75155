#include "appraise/signer.h"

#include <algorithm>

#include "appraise/errors.h"
#include "base/try.h"
#include "codec/base64.h"
#include "jose/jwt.h"

namespace trustee::appraise {

namespace {

Result<void> check_p256(const crypto::PublicKey& key) {
  const auto curve = key.curve();
  if (!curve.ok() || *curve != crypto::Curve::p256) return Error(Errc::signing_key_not_p256);
  return {};
}

Result<void> check_leaf(const std::vector<crypto::Certificate>& chain,
                        const crypto::PublicKey& key) {
  if (!chain.empty() && !(chain.front().public_key() == key)) {
    return Error(Errc::certificate_of_another_key, chain.front().subject());
  }
  return {};
}

std::vector<std::string> x5c_of(const std::vector<crypto::Certificate>& chain) {
  std::vector<std::string> out;
  for (const crypto::Certificate& certificate : chain) {
    out.push_back(codec::base64_encode(certificate.der()));
  }
  return out;
}

}  // namespace

Result<TokenSigner> TokenSigner::create(crypto::PrivateKey key,
                                        std::optional<std::vector<crypto::Certificate>> chain,
                                        std::optional<std::string> url) {
  constexpr auto kScheme = crypto::SignatureScheme::es256;
  const crypto::PublicKey public_key = key.public_key();
  TRY_VOID(check_p256(public_key));
  TRY(auto jwk, jose::jwk_for_signatures(public_key, kScheme));
  if (chain.has_value()) {
    TRY_VOID(check_leaf(*chain, public_key));
    jwk.x5c = x5c_of(*chain);
  }
  jwk.x5u = std::move(url);
  TRY(const std::string header, jose::header_with_jwk(jwk));
  TRY(auto signer, jose::Signer::create(std::move(key), kScheme, header));
  return TokenSigner(std::move(jwk), std::move(signer));
}

Result<TokenSigner> TokenSigner::ephemeral() {
  TRY(auto key, crypto::PrivateKey::generate_ec(crypto::Curve::p256));
  return create(std::move(key));
}

SignerRing SignerRing::rotated(TokenSigner next, Time now,
                               std::chrono::seconds token_lifetime) const {
  SignerRing out(std::move(next));
  const auto is_next = [&](const jose::Jwk& jwk) { return jwk.key == out.current_.jwk().key; };
  const Time until = now + token_lifetime + std::chrono::seconds(jose::kLeewaySeconds);
  if (!is_next(current_.jwk())) out.previous_.push_back({current_.jwk(), until});
  for (const Previous& p : previous_) {
    if (p.published_until > now && !is_next(p.jwk)) out.previous_.push_back(p);
  }
  return out;
}

bool SignerRing::has_expired(Time now) const {
  return std::ranges::any_of(previous_,
                             [now](const Previous& p) { return p.published_until <= now; });
}

SignerRing SignerRing::without_expired(Time now) const {
  SignerRing out = *this;
  std::erase_if(out.previous_, [now](const Previous& p) { return p.published_until <= now; });
  return out;
}

std::vector<jose::Jwk> SignerRing::published() const {
  std::vector<jose::Jwk> keys{current_.jwk()};
  for (const Previous& p : previous_) {
    keys.push_back(p.jwk);
  }
  return keys;
}

json::Object SignerRing::jwks(Time now) const {
  return jose::to_json_set(without_expired(now).published());
}

}  // namespace trustee::appraise

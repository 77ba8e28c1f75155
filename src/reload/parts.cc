#include "reload/parts.h"

#include <algorithm>

#include "base/try.h"
#include "reload/material.h"

namespace trustee::reload {
namespace {

void add_texts(std::vector<Source>& to, const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    to.push_back({Source::Kind::text, path});
  }
}

void add(std::vector<Source>& to, Source::Kind kind, const std::optional<std::string>& at) {
  if (at.has_value()) to.push_back({kind, *at});
}

std::chrono::seconds lifetime_of(const config::TokenBroker& broker) {
  return std::chrono::minutes(std::max<std::int64_t>(broker.duration_min, 0));
}

void put_in_force(world::Worlds& worlds, appraise::SignerRing ring, bool trusts_own) {
  std::vector<crypto::PublicKey> keys = keys_of(ring);
  worlds.change([&](world::World& w) {
    if (trusts_own && w.token_trust != nullptr) {
      w.token_trust =
          std::make_shared<const authz::TokenTrust>(w.token_trust->with_own_keys(std::move(keys)));
    }
    w.signers = std::make_shared<const appraise::SignerRing>(std::move(ring));
  });
}

}  // namespace

Watched token_signing_key(config::TokenBroker broker, bool trusts_own, world::Worlds& worlds) {
  Watched out;
  out.name = "token signing key";
  if (broker.signer) {
    add(out.sources, Source::Kind::text, broker.signer->key_path);
    add(out.sources, Source::Kind::text, broker.signer->cert_path);
  }
  out.take = [broker = std::move(broker), trusts_own, &worlds](Time now) -> Result<void> {
    TRY(appraise::TokenSigner signer, load_signer(broker));
    const auto signers = worlds.current()->signers;
    put_in_force(worlds,
                 signers == nullptr ? appraise::SignerRing(std::move(signer))
                                    : signers->rotated(std::move(signer), now, lifetime_of(broker)),
                 trusts_own);
    return {};
  };
  out.expire = [trusts_own, &worlds](Time now) {
    const auto signers = worlds.current()->signers;
    if (signers->has_expired(now)) {
      put_in_force(worlds, signers->without_expired(now), trusts_own);
    }
  };
  return out;
}

Watched token_trust(config::AttestationToken config, world::Worlds& worlds, Texts& texts) {
  Watched out;
  out.name = "trust in tokens";
  add_texts(out.sources, config.trusted_certs_paths);
  for (const std::string& set : config.trusted_jwk_sets) {
    out.sources.push_back({Source::Kind::jwk_set, set});
  }
  out.take = [config = std::move(config), &worlds, &texts](Time) -> Result<void> {
    TRY(authz::TokenTrust trust, load_token_trust(config, *worlds.current()->signers, texts));
    auto shared = std::make_shared<const authz::TokenTrust>(std::move(trust));
    worlds.change([&](world::World& w) { w.token_trust = std::move(shared); });
    return {};
  };
  return out;
}

Watched administrators(config::Admin config, world::Worlds& worlds, Texts& texts) {
  Watched out;
  out.name = "keys of administrators";
  if (config.mode == config::AdminMode::authenticated) {
    for (const config::IdentityProvider& provider : config.identity_providers) {
      add(out.sources, Source::Kind::jwk_set, provider.jwk_set_uri);
      add(out.sources, Source::Kind::text, provider.public_key_uri);
    }
  }
  out.take = [config = std::move(config), &worlds, &texts](Time) -> Result<void> {
    TRY(authz::AdminAuthority admin, load_admin(config, texts));
    auto shared = std::make_shared<const authz::AdminAuthority>(std::move(admin));
    worlds.change([&](world::World& w) { w.admin = std::move(shared); });
    return {};
  };
  return out;
}

Watched session_keys(std::vector<std::string> paths, world::Worlds& worlds) {
  Watched out;
  out.name = "session keys";
  add_texts(out.sources, paths);
  out.take = [paths = std::move(paths), &worlds](Time) -> Result<void> {
    TRY(authz::CookieKeyRing ring, load_session_key_files(paths));
    auto shared = std::make_shared<const authz::CookieKeyRing>(std::move(ring));
    worlds.change([&](world::World& w) { w.cookie_keys = std::move(shared); });
    return {};
  };
  return out;
}

Watched trusted_tpm_keys(config::TpmVerifier config, world::Worlds& worlds) {
  Watched out;
  out.name = "trusted keys of TPMs";
  add(out.sources, Source::Kind::directory, config.trusted_ak_keys_dir);
  out.take = [config = std::move(config), &worlds](Time) -> Result<void> {
    TRY(tpm_evidence::Policy policy, load_tpm_policy(config));
    tee::Trust trust = *worlds.current()->trust;
    trust.tpm = std::move(policy);
    auto shared = std::make_shared<const tee::Trust>(std::move(trust));
    worlds.change([&](world::World& w) { w.trust = std::move(shared); });
    return {};
  };
  return out;
}

}  // namespace trustee::reload

#include "reload/signer_watch.h"

#include <algorithm>

#include "net/tls.h"
#include "reload/material.h"

namespace trustee::reload {
namespace {

constexpr std::chrono::seconds kBetweenLooks{1};

std::vector<std::string> paths_of(const config::TokenBroker& broker) {
  if (!broker.signer) return {};
  std::vector<std::string> out{broker.signer->key_path};
  if (broker.signer->cert_path) out.push_back(*broker.signer->cert_path);
  return out;
}

std::chrono::seconds lifetime_of(const config::TokenBroker& broker) {
  return std::chrono::minutes(std::max<std::int64_t>(broker.duration_min, 0));
}

/// The same key with the same certificates.
bool same(const appraise::TokenSigner& a, const appraise::TokenSigner& b) {
  return json::Value(jose::to_json(a.jwk())) == json::Value(jose::to_json(b.jwk()));
}

}  // namespace

SignerWatch::SignerWatch(config::TokenBroker broker, bool trusts_own, world::Worlds& worlds,
                         Notice notice)
    : broker_(std::move(broker)),
      trusts_own_(trusts_own),
      paths_(paths_of(broker_)),
      worlds_(worlds),
      notice_(std::move(notice)),
      looked_(Time::min()) {}

bool SignerWatch::stale(Time now) {
  if (paths_.empty()) return false;
  // A clock that was set back must not end the looking.
  Time looked = looked_.load();
  if (now >= looked && looked != Time::min() && now < looked + kBetweenLooks) return false;
  if (!looked_.compare_exchange_strong(looked, now)) return false;  // somebody else looks
  if (worlds_.current()->signers->has_expired(now)) return true;
  const std::string found = net::files_fingerprint(paths_);
  MutexLock lock(writer_);
  return found != seen_;
}

void SignerWatch::refresh(Time now) {
  MutexLock lock(writer_);
  // Asked before reading: a change in between is then found at the next look.
  std::string found = net::files_fingerprint(paths_);
  if (found != seen_) {
    seen_ = std::move(found);
    load(now);
  }
  const auto signers = worlds_.current()->signers;
  if (signers->has_expired(now)) put_in_force(signers->without_expired(now));
}

void SignerWatch::load(Time now) {
  auto signer = load_signer(broker_);
  if (!signer.ok()) {
    notice_("the token signing key changed but is refused, the old key stays in use: " +
            signer.error().to_string());
    return;
  }
  const auto signers = worlds_.current()->signers;
  if (same(*signer, signers->current())) return;
  put_in_force(signers->rotated(std::move(*signer), now, lifetime_of(broker_)));
  notice_("token signing key reloaded");
}

void SignerWatch::put_in_force(appraise::SignerRing ring) {
  std::vector<crypto::PublicKey> keys;
  for (const jose::Jwk& jwk : ring.published()) {
    keys.push_back(*jwk.key);
  }
  worlds_.change([&](world::World& w) {
    if (trusts_own_) {
      w.token_trust =
          std::make_shared<const authz::TokenTrust>(w.token_trust->with_own_keys(std::move(keys)));
    }
    w.signers = std::make_shared<const appraise::SignerRing>(std::move(ring));
  });
}

}  // namespace trustee::reload

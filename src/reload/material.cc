#include "reload/material.h"

#include "authz/errors.h"
#include "base/try.h"
#include "codec/base64.h"
#include "codec/blank.h"
#include "codec/hex.h"
#include "crypto/random.h"
#include "reload/errors.h"
#include "reload/files.h"
#include "reload/key_sources.h"

namespace trustee::reload {
namespace {

Error invalid(const std::string& what, const Error& cause) {
  return Error(Errc::material_invalid, what + ": " + cause.to_string());
}

Result<std::vector<crypto::Certificate>> load_certificates(const std::string& path) {
  TRY(const std::string pem, read_file(path));
  auto certificates = crypto::Certificate::bundle_from_pem(pem);
  if (!certificates.ok()) return invalid(path, certificates.error());
  return certificates;
}

Result<authz::IdentityProvider> load_provider(const config::IdentityProvider& config,
                                              Texts& texts) {
  authz::IdentityProvider out;
  out.issuer = config.issuer;
  out.audience = config.audience;
  out.default_role = config.default_role;
  if (config.jwk_set_uri) {
    TRY(out.jwk_set, load_jwk_set(*config.jwk_set_uri, texts));
  }
  if (config.public_key_uri) {
    TRY(const std::string pem, texts.of({Source::Kind::text, *config.public_key_uri}));
    auto key = crypto::PublicKey::from_pem(pem);
    if (!key.ok()) return invalid(*config.public_key_uri, key.error());
    out.pem_keys.push_back(std::move(*key));
  }
  return out;
}

// 32 bytes as 64 hex digits, or as base64 of either alphabet.
Result<SecretBytes> session_key_of(std::string_view text, const std::string& where) {
  const std::string_view digits = codec::trimmed(text, codec::kBlankOrLineEnd);
  for (auto decode : {&codec::hex_decode, &codec::base64_decode, &codec::base64url_decode}) {
    auto bytes = decode(digits);
    if (bytes.ok() && bytes->size() == authz::CookieKeyRing::kKeySize) {
      return SecretBytes(std::move(*bytes));
    }
  }
  return Error(Errc::session_key_invalid, where);
}

// Of two replicas that start at once one creates the ring, the other finds it.
Result<ByteVec> stored_ring(kv::Namespace& ns) {
  ByteVec fresh = crypto::random_vec(authz::CookieKeyRing::kKeySize);
  TRY_VOID(ns.put(kSessionKeyName, fresh, kv::Overwrite::no));
  wipe(fresh.data(), fresh.size());
  TRY(std::optional<ByteVec> stored, ns.get(kSessionKeyName));
  if (!stored) return Error(Errc::session_key_invalid, "the store lost the session keys");
  return std::move(*stored);
}

bool lasts(const kv::Store& store) { return store.kind() != "memory"; }

}  // namespace

std::vector<crypto::PublicKey> keys_of(const appraise::SignerRing& signers) {
  std::vector<crypto::PublicKey> out;
  for (const jose::Jwk& jwk : signers.published()) {
    out.push_back(*jwk.key);
  }
  return out;
}

Result<authz::TokenTrust> load_token_trust(const config::AttestationToken& config,
                                           const appraise::SignerRing& own, Texts& texts) {
  authz::TokenTrustParts parts;
  for (const auto& path : config.trusted_certs_paths) {
    TRY(std::vector<crypto::Certificate> certificates, load_certificates(path));
    parts.trusted_certificates.insert(parts.trusted_certificates.end(), certificates.begin(),
                                      certificates.end());
  }
  for (const auto& source : config.trusted_jwk_sets) {
    TRY(jose::JwkSet set, load_jwk_set(source, texts));
    parts.jwk_set.append(std::move(set));
  }
  parts.extra_teekey_paths = config.extra_teekey_paths;
  parts.insecure_header_jwk = config.insecure_header_jwk;
  if (config.trust_builtin_as) parts.own_keys = keys_of(own);
  parts.jwe.rsa1_5 = true;
  return authz::TokenTrust::create(std::move(parts));
}

Result<authz::AdminAuthority> load_admin(const config::Admin& config, Texts& texts) {
  switch (config.mode) {
    case config::AdminMode::deny_all:
      return authz::AdminAuthority::deny_all();
    case config::AdminMode::insecure_allow_all:
      return authz::AdminAuthority::allow_all();
    case config::AdminMode::authenticated:
      break;
  }
  std::vector<authz::IdentityProvider> providers;
  for (const auto& provider : config.identity_providers) {
    TRY(authz::IdentityProvider loaded, load_provider(provider, texts));
    providers.push_back(std::move(loaded));
  }
  std::vector<authz::AclRule> rules;
  for (const auto& acl : config.acls) {
    rules.push_back({acl.role, acl.allowed_endpoints, acl.methods});
  }
  return authz::AdminAuthority::authenticated(std::move(providers), rules);
}

Result<appraise::TokenSigner> load_signer(const config::TokenBroker& config) {
  if (!config.signer) return appraise::TokenSigner::ephemeral();
  TRY(const SecretText pem, read_secret_file(config.signer->key_path));
  auto key = crypto::PrivateKey::from_pem(pem);
  if (!key.ok()) return invalid(config.signer->key_path, key.error());
  std::optional<std::vector<crypto::Certificate>> chain;
  if (config.signer->cert_path) {
    TRY(chain, load_certificates(*config.signer->cert_path));
  }
  return appraise::TokenSigner::create(std::move(*key), std::move(chain), config.signer->cert_url);
}

appraise::EarSettings ear_settings(const config::TokenBroker& config) {
  appraise::EarSettings out;
  out.duration_min = config.duration_min;
  out.issuer = config.issuer_name;
  out.developer = config.developer_name;
  out.build = config.build_name;
  out.profile = config.profile_name;
  return out;
}

// Keys of AMD are checked as far as the configuration says, and where it says anything, so do the
// claims.
tee::Trust verifier_trust(tee::Trust base, const config::Verifiers& config) {
  base.azure.minimum_version = static_cast<unsigned>(config.azure_min_evidence_version);
  if (!config.snp_check_revocation.has_value()) return base;
  base.verification_claims = true;
  base.snp.revocation =
      *config.snp_check_revocation ? amd::Revocation::required : amd::Revocation::not_checked;
  return base;
}

Result<tpm_evidence::Policy> load_tpm_policy(const config::TpmVerifier& config) {
  tpm_evidence::Policy policy;
  if (!config.trusted_ak_keys_dir.has_value()) return policy;  // as upstream: any key
  policy.ak_trust = tpm_evidence::AkTrust::listed;
  policy.trusted_aks = tpm_evidence::AkStore(static_cast<std::size_t>(config.max_trusted_ak_keys));
  const auto attributes = config.require_restricted_ak ? tpm_evidence::Attributes::required
                                                       : tpm_evidence::Attributes::as_given;
  TRY(const std::vector<std::string> files, files_of(*config.trusted_ak_keys_dir));
  for (const std::string& path : files) {
    TRY(const std::string content, read_file(path));
    TRY_VOID(policy.trusted_aks.add(as_bytes(content), attributes)
                 .while_doing("reading the trusted attestation key " + path));
  }
  return policy;
}

Result<authz::CookieKeyRing> load_session_key_files(const std::vector<std::string>& paths) {
  std::vector<SecretBytes> keys;
  for (const auto& path : paths) {
    TRY(std::string text, read_file(path));
    auto key = session_key_of(text, path);
    wipe(text.data(), text.size());
    if (!key.ok()) return std::move(key).error();
    keys.push_back(std::move(*key));
  }
  return authz::CookieKeyRing::create(std::move(keys));
}

Result<authz::CookieKeyRing> load_session_keys(kv::Store& store) {
  if (!lasts(store)) return authz::CookieKeyRing::ephemeral();
  TRY(const std::shared_ptr<kv::Namespace> ns, store.open(kSessionKeyNamespace));
  TRY(ByteVec stored, stored_ring(*ns));
  std::vector<SecretBytes> keys;
  keys.push_back(SecretBytes(std::move(stored)));
  return authz::CookieKeyRing::create(std::move(keys));
}

std::string_view session_key_origin(const std::vector<std::string>& paths, const kv::Store& store) {
  if (!paths.empty()) return "key files";
  return lasts(store) ? "the store" : "this process";
}

}  // namespace trustee::reload

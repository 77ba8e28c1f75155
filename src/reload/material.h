#pragma once

#include <memory>
#include <string>
#include <vector>

#include "appraise/ear.h"
#include "appraise/signer.h"
#include "authz/admin.h"
#include "authz/session_cookie.h"
#include "authz/token_trust.h"
#include "base/result.h"
#include "config/types.h"
#include "crypto/key.h"
#include "kv/store.h"
#include "reload/key_sources.h"
#include "tee/tee.h"

// Trust anchors and keys that the configuration names, loaded and checked. All calls block.

namespace trustee::reload {

/// All keys of the ring, the current one first.
std::vector<crypto::PublicKey> keys_of(const appraise::SignerRing& signers);

/// `own`: the keys of the attestation service in this process.
/// Errors: file_unreadable, material_invalid, the JWK set errors; authz::no_trust_material.
Result<authz::TokenTrust> load_token_trust(const config::AttestationToken& config,
                                           const appraise::SignerRing& own, Texts& texts);

/// Errors: as above; authz identity provider and ACL errors.
Result<authz::AdminAuthority> load_admin(const config::Admin& config, Texts& texts);

/// The signer of the configuration, or a fresh key that lives with the process.
/// Errors: file_unreadable, material_invalid; appraise signer errors.
Result<appraise::TokenSigner> load_signer(const config::TokenBroker& config);
appraise::EarSettings ear_settings(const config::TokenBroker& config);

/// What verification relies on: `base` with what the configuration says, but for the keys of TPMs.
tee::Trust verifier_trust(tee::Trust base, const config::Verifiers& config);
/// The policy for TPM evidence: with a directory of keys in the configuration only the attestation
/// keys of its files are trusted, each file a PEM key or a TPM's public area; files whose names
/// begin with a dot are passed over. An empty directory trusts no key.
/// Errors  file_unreadable, file_too_large; tpm_evidence::AkStore::add's, with the file named.
Result<tpm_evidence::Policy> load_tpm_policy(const config::TpmVerifier& config);

/// The ring of files, current key first. Errors: session_key_invalid, file_unreadable.
Result<authz::CookieKeyRing> load_session_key_files(const std::vector<std::string>& paths);

inline constexpr std::string_view kSessionKeyNamespace = "kbs_session_keys";
inline constexpr std::string_view kSessionKeyName = "ring";

/// The ring of a store that lasts, made when it has none; else a fresh key that lives with the
/// process. Errors: session_key_invalid; of the store.
Result<authz::CookieKeyRing> load_session_keys(kv::Store& store);
/// Where the keys come from, for the log: `key files`, `the store`, `this process`.
std::string_view session_key_origin(const std::vector<std::string>& paths, const kv::Store& store);

}  // namespace trustee::reload

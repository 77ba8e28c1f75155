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
#include "kv/store.h"
#include "net/client.h"

// Trust anchors and keys that the configuration names, loaded and checked. All calls block.

namespace trustee::reload {

/// `own`: the key of the attestation service in this process.
/// Errors: file_unreadable, material_invalid, the JWK set errors; authz::no_trust_material.
Result<authz::TokenTrust> load_token_trust(const config::AttestationToken& config,
                                           const appraise::TokenSigner& own,
                                           net::HttpClient& client);

/// Errors: as above; authz identity provider and ACL errors.
Result<authz::AdminAuthority> load_admin(const config::Admin& config, net::HttpClient& client);

/// The signer of the configuration, or a fresh key that lives with the process.
/// Errors: file_unreadable, material_invalid; appraise signer errors.
Result<appraise::TokenSigner> load_signer(const config::TokenBroker& config);
appraise::EarSettings ear_settings(const config::TokenBroker& config);

/// Where the session keys came from, for the log.
struct SessionKeys {
  authz::CookieKeyRing ring;
  std::string origin;  ///< `key files`, `the store`, `this process`
};
inline constexpr std::string_view kSessionKeyNamespace = "kbs_session_keys";
inline constexpr std::string_view kSessionKeyName = "ring";

/// The ring: the files of the configuration, else the store's (made when it has none), else, for a
/// store that dies with the process, a fresh key. Errors: session_key_invalid, file_unreadable; of
/// the store.
Result<SessionKeys> load_session_keys(const std::vector<std::string>& paths, kv::Store& store);

}  // namespace trustee::reload

#pragma once

#include "base/error.h"

namespace trustee::authz {

#define TRUSTEE_AUTHZ_ERRORS(X)                                                                   \
  X(cookie_malformed, guest, "the session cookie is not one of ours")                             \
  X(cookie_key_unknown, service, "the session cookie was sealed with a key this replica lacks")   \
  X(cookie_forged, guest, "the session cookie does not authenticate")                             \
  X(session_expired, guest, "the session has expired; attest again")                              \
  X(cookie_key_invalid, administrator, "a session key is not 32 bytes, or there is none")         \
  X(token_too_large, service, "the token does not fit a cookie")                                  \
  X(token_missing, guest, "no attestation token: neither an attested session nor a bearer token") \
  X(token_untrusted, guest, "the attestation token is not signed by a trusted key")               \
  X(no_trust_material, administrator,                                                             \
    "no trusted certificates, no JWK sets and header keys are not trusted")                       \
  X(tee_key_missing, guest, "the attestation token carries no TEE public key")                    \
  X(tee_key_malformed, guest, "the TEE public key in the attestation token is malformed")         \
  X(policy_refused, policy_author, "the resource policy does not parse, compile or define allow") \
  X(policy_missing, administrator, "there is no resource policy")                                 \
  X(policy_failed, policy_author, "the resource policy failed to evaluate")                       \
  X(denied_by_policy, policy_author, "the resource policy does not allow this access")            \
  X(denied_without_decision, policy_author,                                                       \
    "the resource policy's allow is undefined or no boolean, which denies")                       \
  X(resource_path_malformed, guest, "the resource path is not repository/type/tag")               \
  X(admin_denied, administrator, "admin access is denied to everyone (DenyAll)")                  \
  X(admin_bearer_missing, administrator, "the request has no usable bearer token")                \
  X(admin_issuer_unknown, administrator, "no identity provider vouches for the admin token")      \
  X(admin_role_missing, administrator, "the admin token has no role")                             \
  X(admin_role_not_allowed, administrator, "the role may not do this on this path")               \
  X(acl_not_anchored, administrator, "an ACL pattern must begin with ^/kbs and end with $")       \
  X(acl_malformed, administrator, "an ACL pattern does not compile")                              \
  X(identity_provider_incomplete, administrator, "an identity provider names no key")
TRUSTEE_ERROR_CODES(Errc, "authz", TRUSTEE_AUTHZ_ERRORS)

}  // namespace trustee::authz

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/key.h"
#include "jose/jwk_set.h"
#include "rego/regex.h"

namespace trustee::authz {

/// Who vouches for administrators, and with which keys. At least one key source.
struct IdentityProvider {
  std::optional<std::string> issuer;        ///< must equal `iss` when set
  std::optional<std::string> audience;      ///< must be, or be among, `aud` when set
  jose::JwkSet jwk_set;                     ///< chosen by `kid`
  std::vector<crypto::PublicKey> pem_keys;  ///< tried when no JWK is chosen
  std::optional<std::string> default_role;  ///< of a token without `role`
};

/// A role may call what matches the pattern, with these methods (empty: all).
struct AclRule {
  std::string role;
  std::string allowed_endpoints;
  std::vector<std::string> methods;
};

/// Proof that an administrator may do what was asked. Made by AdminAuthority only.
class AdminGrant {
 public:
  const std::string& role() const { return role_; }

 private:
  friend class AdminAuthority;
  explicit AdminGrant(std::string role) : role_(std::move(role)) {}
  std::string role_;
};

/// What an administrator asks for.
struct AdminRequest {
  std::string_view method;
  std::string_view path;    ///< canonical: decoded, no query, no ignored segments
  std::string_view target;  ///< as received, for the refusal's text
  std::optional<std::string_view> authorization;  ///< the first header of that name
};

/// Decides on administrators (kbs.md 10). Immutable; safe from many threads.
class AdminAuthority {
 public:
  static AdminAuthority deny_all();
  static AdminAuthority allow_all();
  /// Errors: identity_provider_incomplete, acl_not_anchored, acl_malformed. Each alternative of a
  /// pattern must begin with `^/kbs` and end with `$` (weakness W2 of kbs.md).
  static Result<AdminAuthority> authenticated(std::vector<IdentityProvider> providers,
                                              const std::vector<AclRule>& rules);

  /// Errors: admin_denied, admin_bearer_missing, admin_issuer_unknown, admin_role_missing,
  /// admin_role_not_allowed. The detail is the reason as the wire has it.
  Result<AdminGrant> decide(const AdminRequest& request, Time now) const;

 private:
  enum class Mode : std::uint8_t { deny_all, allow_all, authenticated };
  struct CompiledRule {
    std::string role;
    rego::Regex pattern;
    std::vector<std::string> methods;
  };
  explicit AdminAuthority(Mode mode) : mode_(mode) {}
  Result<std::string> role_of(std::string_view token, Time now) const;

  Mode mode_;
  std::vector<IdentityProvider> providers_;
  std::vector<CompiledRule> rules_;
};

/// The token of an `Authorization: Bearer …` value: scheme case-sensitive, one blank, at least 8
/// characters in all (kbs.md 6.2). Nothing when malformed.
std::optional<std::string_view> bearer_token(std::string_view authorization);

}  // namespace trustee::authz

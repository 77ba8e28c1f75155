#include "authz/admin.h"

#include <algorithm>

#include "authz/errors.h"
#include "base/try.h"
#include "jose/jwt.h"

namespace trustee::authz {
namespace {

constexpr std::string_view kUnknownIssuer = "Cannot verify token with any of the issuers";

// The parts of a pattern between the `|` that stand outside groups, classes and escapes.
std::vector<std::string_view> alternatives(std::string_view pattern) {
  std::vector<std::string_view> out;
  int groups = 0;
  bool in_class = false;
  std::size_t start = 0;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\') {
      ++i;
    } else if (in_class) {
      in_class = c != ']';
    } else if (c == '[') {
      in_class = true;
    } else if (c == '(') {
      ++groups;
    } else if (c == ')') {
      --groups;
    } else if (c == '|' && groups == 0) {
      out.push_back(pattern.substr(start, i - start));
      start = i + 1;
    }
  }
  out.push_back(pattern.substr(start));
  return out;
}

// Whether the `$` at the end is the anchor: with an odd number of backslashes before it, it is the
// character.
bool ends_with_anchor(std::string_view part) {
  if (!part.ends_with('$')) return false;
  part.remove_suffix(1);
  const std::size_t last_other = part.find_last_not_of('\\');
  const std::size_t backslashes =
      last_other == std::string_view::npos ? part.size() : part.size() - 1 - last_other;
  return backslashes % 2 == 0;
}

Result<void> check_anchored(std::string_view pattern) {
  for (const auto part : alternatives(pattern)) {
    if (!part.starts_with("^/kbs") || !ends_with_anchor(part)) {
      return Error(Errc::acl_not_anchored,
                   "Admin Role regex must be anchored. (" + std::string(pattern) + ")");
    }
  }
  return {};
}

// Signature and expiry with the provider's keys: the JWK of that kid, else any of its PEM keys.
Result<jose::VerifiedClaims> verify(const jose::UnverifiedToken& token,
                                    const IdentityProvider& provider, Time now) {
  if (token.header().kid) {
    if (const jose::Jwk* jwk = provider.jwk_set.find(*token.header().kid)) {
      auto claims = token.verify(*jwk, now);
      if (claims.ok() || provider.pem_keys.empty()) return claims;
    }
  }
  for (const auto& key : provider.pem_keys) {
    if (auto claims = token.verify(key, token.header().scheme, now); claims.ok()) return claims;
  }
  return Errc::admin_issuer_unknown;
}

bool has_audience(const json::Object& claims, std::string_view wanted) {
  const json::Value* aud = claims.find("aud");
  if (aud == nullptr) return false;
  if (const std::string* one = aud->as_string()) return *one == wanted;
  const json::Array* many = aud->as_array();
  if (many == nullptr) return false;
  return std::any_of(many->begin(), many->end(), [&](const json::Value& v) {
    return v.as_string() != nullptr && *v.as_string() == wanted;
  });
}

bool is_from(const json::Object& claims, const IdentityProvider& provider) {
  if (provider.issuer) {
    const json::Value* iss = claims.find("iss");
    const std::string* text = iss == nullptr ? nullptr : iss->as_string();
    if ((text == nullptr ? std::string() : *text) != *provider.issuer) return false;
  }
  return !provider.audience || has_audience(claims, *provider.audience);
}

Result<std::string> role_in(const json::Object& claims, const IdentityProvider& provider) {
  const json::Value* role = claims.find("role");
  if (role == nullptr && provider.default_role) return *provider.default_role;
  const std::string* text = role == nullptr ? nullptr : role->as_string();
  if (text == nullptr) {
    return Error(Errc::admin_role_missing,
                 "Failed to parse claims from token: Missing required `role` claim in JWT");
  }
  return *text;
}

}  // namespace

std::optional<std::string_view> bearer_token(std::string_view authorization) {
  constexpr std::string_view kScheme = "Bearer ";
  if (authorization.size() < 8 || !authorization.starts_with(kScheme)) return std::nullopt;
  return authorization.substr(kScheme.size());
}

AdminAuthority AdminAuthority::deny_all() { return AdminAuthority(Mode::deny_all); }
AdminAuthority AdminAuthority::allow_all() { return AdminAuthority(Mode::allow_all); }

Result<AdminAuthority> AdminAuthority::authenticated(std::vector<IdentityProvider> providers,
                                                     const std::vector<AclRule>& rules) {
  AdminAuthority out(Mode::authenticated);
  if (providers.empty()) {
    return Error(Errc::identity_provider_incomplete, "there is no identity provider");
  }
  for (const auto& provider : providers) {
    if (provider.jwk_set.keys().empty() && provider.pem_keys.empty()) {
      return Error(Errc::identity_provider_incomplete,
                   "issuer " + provider.issuer.value_or("(any)") + " has no key");
    }
  }
  for (const auto& rule : rules) {
    TRY_VOID(check_anchored(rule.allowed_endpoints));
    auto pattern = rego::Regex::compile(rule.allowed_endpoints);
    if (!pattern.ok()) {
      return Error(Errc::acl_malformed, "Failed to parse regex: " + pattern.error().detail());
    }
    out.rules_.push_back({rule.role, std::move(*pattern), rule.methods});
  }
  out.providers_ = std::move(providers);
  return out;
}

Result<std::string> AdminAuthority::role_of(std::string_view text, Time now) const {
  const auto token = jose::UnverifiedToken::parse(text);
  if (!token.ok()) return Error(Errc::admin_issuer_unknown, std::string(kUnknownIssuer));
  for (const auto& provider : providers_) {
    const auto claims = verify(*token, provider, now);
    if (!claims.ok()) continue;
    TRY(std::string role, role_in(claims->object(), provider));
    if (is_from(claims->object(), provider)) return role;
  }
  return Error(Errc::admin_issuer_unknown, std::string(kUnknownIssuer));
}

Result<AdminGrant> AdminAuthority::decide(const AdminRequest& request, Time now) const {
  switch (mode_) {
    case Mode::deny_all:
      return Error(Errc::admin_denied,
                   "Admin access denied as DenyAll authorization_mode is enabled");
    case Mode::allow_all:
      return AdminGrant("");
    case Mode::authenticated:
      break;
  }
  const auto token = request.authorization ? bearer_token(*request.authorization) : std::nullopt;
  if (!token) {
    return Error(Errc::admin_bearer_missing, "Failed to parse HTTP Auth Bearer header");
  }
  TRY(std::string role, role_of(*token, now));
  for (const auto& rule : rules_) {
    const bool method_fits =
        rule.methods.empty() ||
        std::find(rule.methods.begin(), rule.methods.end(), request.method) != rule.methods.end();
    if (rule.role == role && method_fits && rule.pattern.matches(request.path)) {
      return AdminGrant(std::move(role));
    }
  }
  return Error(Errc::admin_role_not_allowed,
               "Role " + role + " not allowed for path " + std::string(request.target));
}

}  // namespace trustee::authz

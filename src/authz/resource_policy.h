#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "authz/token_trust.h"
#include "base/result.h"
#include "crypto/digest.h"
#include "rego/policy.h"

namespace trustee::authz {

/// What a guest asks for, as the policy sees it.
struct ResourceRequest {
  std::string plugin;
  std::vector<std::string> path;             ///< decoded segments below the plugin
  std::map<std::string, std::string> query;  ///< form-decoded
};

/// The right to one resource, given by the policy to the bearer of one token. Made by
/// ResourcePolicy::decide only.
class Grant {
 public:
  const ResourceRequest& request() const { return request_; }

 private:
  friend class ResourcePolicy;
  explicit Grant(ResourceRequest request) : request_(std::move(request)) {}
  ResourceRequest request_;
};

/// The policy that decides which token may have which resource (kbs.md 7). Compiled once; copies
/// share it; safe from many threads.
class ResourcePolicy {
 public:
  static constexpr std::string_view kRule = "data.policy.allow";

  /// For uploads. Errors: policy_refused (the detail is the engine's text and says where).
  static Result<ResourcePolicy> compile(std::string_view text);
  /// For policies that are stored already: what could never allow is accepted and denies.
  static Result<ResourcePolicy> compile_stored(std::string_view text);

  /// Errors: denied_by_policy, denied_without_decision, policy_failed.
  /// Cost: one evaluation with the token's claims as input.
  Result<Grant> decide(const CheckedToken& token, ResourceRequest request) const;

  /// What decide would say of a token with these claims (JSON text); gives no grant.
  /// Errors: as decide.
  Result<void> check_claims(std::string_view claims, const ResourceRequest& request) const;

  const std::string& text() const { return text_; }
  /// SHA-384 of the text, lower-case hex.
  const std::string& digest() const { return digest_; }
  const rego::Policy& policy() const { return policy_; }

 private:
  ResourcePolicy(rego::Policy policy, std::string_view text);

  rego::Policy policy_;
  std::string text_;
  std::string digest_;
};

/// The `data` document of an evaluation: plugin, resource-path, query.
std::string policy_data(const ResourceRequest& request);

}  // namespace trustee::authz

#pragma once

#include <memory>

#include "authz/admin.h"
#include "authz/resource_path.h"
#include "authz/resource_policy.h"
#include "base/result.h"
#include "base/secret.h"
#include "kv/store.h"

namespace trustee::kbs {

/// The sole holder of the namespace with the secrets. A resource leaves only against a Grant and
/// changes only against an AdminGrant. Calls block; run them on the I/O pool.
class Vault {
 public:
  static constexpr std::string_view kNamespace = "repository";

  explicit Vault(std::shared_ptr<kv::Namespace> resources) : resources_(std::move(resources)) {}

  /// The resource the grant is for; its path is checked here, after the policy (kbs.md 3.3).
  /// Errors: authz::resource_path_malformed, resource_absent, kv errors.
  Result<SecretBytes> read(const authz::Grant& grant) const;
  /// Replaces what was there. Errors: kv errors.
  Result<void> write(const authz::AdminGrant& grant, const authz::ResourcePath& path,
                     const SecretBytes& value) const;
  /// Errors: resource_absent, kv errors.
  Result<void> remove(const authz::AdminGrant& grant, const authz::ResourcePath& path) const;

 private:
  std::shared_ptr<kv::Namespace> resources_;
};

}  // namespace trustee::kbs

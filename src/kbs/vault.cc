#include "kbs/vault.h"

#include "base/try.h"
#include "kbs/errors.h"

namespace trustee {

/// Opens resources on their way into the store, in this file only.
struct SecretAccessForVault {
  static SecretAccess key() { return SecretAccess(); }
};

namespace kbs {

Result<SecretBytes> Vault::read(const authz::Grant& grant) const {
  TRY(const authz::ResourcePath path, authz::ResourcePath::from_segments(grant.request().path));
  TRY(std::optional<ByteVec> value, resources_->get(path.text()));
  if (!value) return Error(Errc::resource_absent, "resource not found: " + path.text());
  return SecretBytes(std::move(*value));
}

Result<void> Vault::write(const authz::AdminGrant& /*grant*/, const authz::ResourcePath& path,
                          const SecretBytes& value) const {
  TRY_VOID(
      resources_->put(path.text(), value.reveal(SecretAccessForVault::key()), kv::Overwrite::yes));
  return {};
}

Result<void> Vault::remove(const authz::AdminGrant& /*grant*/,
                           const authz::ResourcePath& path) const {
  TRY(std::optional<ByteVec> old, resources_->remove(path.text()));
  if (!old) return Error(Errc::resource_absent, "resource not found: " + path.text());
  wipe(old->data(), old->size());
  return {};
}

}  // namespace kbs
}  // namespace trustee

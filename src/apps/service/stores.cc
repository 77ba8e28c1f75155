#include "apps/service/stores.h"

#include "base/try.h"
#include "kbs/vault.h"
#include "reload/keeper.h"
#include "rvps/service.h"
#include "store/atomic_file.h"
#include "store/factory.h"
#include "store/local_fs.h"
#include "store/local_json.h"
#include "store/reference_array.h"
#include "store/single_file.h"

namespace trustee::apps {
namespace {

constexpr std::string_view kPolicies = "kbs";
constexpr std::string_view kSessions = "kbs_protocol_session";
constexpr std::string_view kAttestationPolicies = "attestation_service_policy";
constexpr std::string_view kCollateral = "vendor_collateral";

store::StoreKind kind_of(config::StorageType type) {
  switch (type) {
    case config::StorageType::memory:
      return store::StoreKind::memory;
    case config::StorageType::local_fs:
      return store::StoreKind::local_fs;
    case config::StorageType::local_json:
      return store::StoreKind::local_json;
    case config::StorageType::sqlite:
      return store::StoreKind::sqlite;
    case config::StorageType::postgres:
      return store::StoreKind::postgres;
    case config::StorageType::redis:
      return store::StoreKind::redis;
  }
  return store::StoreKind::memory;
}

}  // namespace

Result<std::shared_ptr<kv::Store>> Stores::of(config::StorageType type) {
  if (const auto it = stores_.find(type); it != stores_.end()) return it->second;
  TRY(std::shared_ptr<kv::Store> store,
      store::create({kind_of(type), config_.storage.local_fs_dir, config_.storage.local_json_dir,
                     config_.storage.sqlite_path, notice_}));
  stores_.emplace(type, store);
  return store;
}

Result<std::shared_ptr<kv::Namespace>> Stores::in(config::StorageType type, std::string_view name) {
  TRY(const std::shared_ptr<kv::Store> store, of(type));
  return store->open(name);
}

Result<serve::Namespaces> Stores::open() {
  const auto main_type = config_.storage.type;
  const auto as_type = config_.attestation_service.storage_type.value_or(main_type);
  const auto rv_type = config_.attestation_service.rvps.storage_type.value_or(as_type);
  const auto session_type = config_.session_storage_type.value_or(main_type);
  serve::Namespaces out;
  const config::OldPlaces& old = config_.old_places;
  TRY(out.policies, policies());
  TRY(out.resources, old.resources ? store::open_local_fs_directory(*old.resources, notice_)
                                   : in(main_type, kbs::Vault::kNamespace));
  TRY(out.sessions, in(session_type, kSessions));
  TRY(const std::optional<std::string> old_attestation_policies, attestation_policy_directory());
  TRY(out.attestation_policies,
      old_attestation_policies ? store::open_local_fs_directory(*old_attestation_policies, notice_)
                               : in(as_type, kAttestationPolicies));
  TRY(out.references, references(rv_type));
  if (as_type != config::StorageType::memory) {
    TRY(out.collateral, in(as_type, kCollateral));
  }
  out.sessions_in_memory = session_type == config::StorageType::memory;
  out.blocking = old.resource_policy || !old.usual_resource_policies.empty() || old.resources ||
                 old_attestation_policies || old.references;
  for (const auto type : {main_type, as_type, rv_type, session_type}) {
    out.blocking = out.blocking || type != config::StorageType::memory;
  }
  return out;
}

Result<std::shared_ptr<kv::Namespace>> Stores::policies() {
  const config::OldPlaces& old = config_.old_places;
  const std::string key(reload::kResourcePolicyKey);
  if (old.resource_policy) return store::open_single_file(*old.resource_policy, key);
  if (old.usual_resource_policies.empty()) return in(config_.storage.type, kPolicies);
  return store::open_first_file(old.usual_resource_policies, key);
}

Result<std::optional<std::string>> Stores::attestation_policy_directory() const {
  const config::OldPlaces& old = config_.old_places;
  if (old.attestation_policies || !old.usual_attestation_policies) return old.attestation_policies;
  TRY(const bool there, store::is_there(*old.usual_attestation_policies));
  return there ? old.usual_attestation_policies : std::nullopt;
}

Result<std::shared_ptr<kv::Namespace>> Stores::references(config::StorageType type) {
  if (const auto& file = config_.old_places.references) {
    TRY(const std::shared_ptr<kv::Store> beside,
        store::create_local_json(
            {.file_dir_path = store::split_path(*file).first, .before_step = {}}));
    TRY(std::shared_ptr<kv::Namespace> stored, beside->open(rvps::kNamespace));
    return store::with_reference_array(std::move(stored), *file);
  }
  TRY(std::shared_ptr<kv::Namespace> stored, in(type, rvps::kNamespace));
  if (type != config::StorageType::local_json) return stored;
  return store::with_reference_array(std::move(stored), *config_.storage.local_json_dir + "/" +
                                                            std::string(store::kReferenceArray));
}

std::string_view Stores::kind() {
  const auto store = main();
  return store.ok() ? (*store)->kind() : "none";
}

}  // namespace trustee::apps

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
                     config_.storage.sqlite_path}));
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
  TRY(out.policies,
      old.resource_policy
          ? store::open_single_file(*old.resource_policy, std::string(reload::kResourcePolicyKey))
          : in(main_type, kPolicies));
  TRY(out.resources, old.resources ? store::open_local_fs_directory(*old.resources)
                                   : in(main_type, kbs::Vault::kNamespace));
  TRY(out.sessions, in(session_type, kSessions));
  TRY(out.attestation_policies, old.attestation_policies
                                    ? store::open_local_fs_directory(*old.attestation_policies)
                                    : in(as_type, kAttestationPolicies));
  TRY(out.references, references(rv_type));
  if (as_type != config::StorageType::memory) {
    TRY(out.collateral, in(as_type, kCollateral));
  }
  out.sessions_in_memory = session_type == config::StorageType::memory;
  out.blocking = old.resource_policy || old.resources || old.attestation_policies || old.references;
  for (const auto type : {main_type, as_type, rv_type, session_type}) {
    out.blocking = out.blocking || type != config::StorageType::memory;
  }
  return out;
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

#include "apps/trustee/store_commands.h"

#include <cstdio>
#include <utility>

#include "apps/trustee/home.h"
#include "apps/trustee/private_file.h"
#include "base/try.h"
#include "kbs/vault.h"
#include "reload/material.h"
#include "rvps/service.h"
#include "store/backup.h"
#include "store/factory.h"

namespace trustee::apps {
namespace {

std::vector<std::string> all_namespaces() {
  return {"kbs", std::string(kbs::Vault::kNamespace), "attestation_service_policy",
          std::string(rvps::kNamespace), std::string(reload::kSessionKeyNamespace)};
}

Result<std::shared_ptr<kv::Store>> open_store(std::string path) {
  store::StoreConfig config;
  config.kind = store::StoreKind::sqlite;
  config.sqlite_path = std::move(path);
  return store::create(config);
}

void print(const std::vector<store::BackupCount>& counts) {
  for (const auto& count : counts) {
    std::printf("%-28s %zu\n", count.name.c_str(), count.entries);
  }
}

}  // namespace

Result<void> run_backup(const std::string& home_path, const std::string& file) {
  TRY_VOID(check_output(file));
  TRY(std::string path, existing_store(home_path));
  TRY(const std::shared_ptr<kv::Store> store, open_store(std::move(path)));
  TRY(const auto counts, store::backup(*store, all_namespaces(), file));
  print(counts);
  std::printf("written to %s; it holds the secrets as they are, keep it safe\n", file.c_str());
  return {};
}

Result<void> run_restore(const std::string& home_path, const std::string& file) {
  TRY(const Home home, Home::open(home_path));
  TRY(const std::shared_ptr<kv::Store> store, open_store(home.store()));
  TRY(const auto counts, store::restore(file, *store));
  print(counts);
  return {};
}

}  // namespace trustee::apps

#include "config/load.h"

#include <array>

#include "base/try.h"
#include "config/errors.h"
#include "config/internal/sections.h"

namespace trustee::config {
namespace {

using internal::Report;
using internal::Section;

template <class T>
Result<Loaded<T>> finished(T config, Report report) {
  if (report.error) return std::move(*report.error);
  return Loaded<T>{std::move(config), std::move(report.warnings)};
}

void require_table(Section& root, std::string_view key, Report& report) {
  if (!root.has(key)) {
    report.fail(Error(Errc::missing_key, "missing field `" + std::string(key) + "`"));
  }
}

void check_tls_files(const HttpServer& http, Report& report) {
  if (http.insecure_http || (http.private_key && http.certificate)) return;
  report.fail(Error(Errc::missing_key,
                    "http_server: private_key and certificate are required unless insecure_http "
                    "is true"));
}

void check_backend_table(StorageType type, const Storage& storage, Report& report) {
  std::string_view missing;
  switch (type) {
    case StorageType::memory:
      break;
    case StorageType::local_fs:
      missing = storage.local_fs_dir ? "" : "Local FS";
      break;
    case StorageType::local_json:
      missing = storage.local_json_dir ? "" : "Local JSON";
      break;
    case StorageType::sqlite:
      missing = storage.sqlite_path ? "" : "SQLite";
      break;
    case StorageType::postgres:
      missing = storage.has_postgres ? "" : "Postgres";
      break;
    case StorageType::redis:
      missing = storage.has_redis ? "" : "Redis";
      break;
  }
  if (!missing.empty()) {
    report.fail(Error(Errc::missing_key, "storage_backend: invalid configuration: " +
                                             std::string(missing) + " configuration is required"));
  }
}

void check_backend_tables(const Kbs& kbs, Report& report) {
  check_backend_table(kbs.storage.type, kbs.storage, report);
  for (const auto& type : {kbs.session_storage_type, kbs.attestation_service.storage_type,
                           kbs.attestation_service.rvps.storage_type}) {
    if (type) check_backend_table(*type, kbs.storage, report);
  }
}

void note_later(std::vector<std::string>& out, bool wanted, std::string_view what) {
  if (wanted) out.emplace_back(what);
}

bool uses(const Kbs& config, StorageType type) {
  return config.storage.type == type || config.session_storage_type == type ||
         config.attestation_service.storage_type == type ||
         config.attestation_service.rvps.storage_type == type;
}

void note_plugin(std::vector<std::string>& out, const Plugin& plugin) {
  switch (plugin.kind) {
    case PluginKind::sample:
      return;
    case PluginKind::pkcs11:
      return out.push_back("plugins: pkcs11");
    case PluginKind::nebula_ca:
      return out.push_back("plugins: nebula-ca");
    case PluginKind::external:
      return out.push_back("plugins: external");
    case PluginKind::provisioner:
      return out.push_back("plugins: provisioner");
    case PluginKind::resource:
      break;
  }
  switch (plugin.resource_backend) {
    case SecretBackend::kvstorage:
      return;
    case SecretBackend::vault:
      return out.push_back("plugins: resource on Vault");
    case SecretBackend::aliyun:
      return out.push_back("plugins: resource on Aliyun");
    case SecretBackend::aws:
      return out.push_back("plugins: resource on Aws");
    case SecretBackend::gcp:
      return out.push_back("plugins: resource on Gcp");
  }
}

}  // namespace

Result<Loaded<Kbs>> load_kbs(const json::Value& root) {
  static constexpr std::array<std::string_view, 2> kLogFormats = {"text", "json"};
  const json::Object* table = root.as_object();
  if (table == nullptr) return Error(Errc::wrong_type, "the document is not a table");
  Report report;
  Kbs kbs;
  Section s(table, "", report);
  require_table(s, "http_server", report);
  require_table(s, "admin", report);
  const json::Value* const admin_table = table->find("admin");
  const json::Object* const admin_keys =
      admin_table == nullptr ? nullptr : admin_table->as_object();
  report.old_file = admin_keys != nullptr && !admin_keys->contains("authorization_mode");
  internal::read_http_server(s.child("http_server"), kbs.http_server, report);
  internal::read_attestation_token(s.child("attestation_token"), kbs.attestation_token, report);
  internal::read_attestation_service(s.child("attestation_service"), kbs.attestation_service,
                                     kbs.old_places, report);
  internal::read_policy_engine(s.child("policy_engine"), kbs.old_places, report);
  internal::read_storage(s.child("storage_backend"), kbs.storage, report);
  internal::read_storage_type(s, "session_storage_type", kbs.session_storage_type);
  for (Section& plugin : s.children("plugins")) {
    internal::read_plugin(plugin, kbs.plugins, kbs.old_places, report);
  }
  Section admin = s.child("admin");
  if (admin.present()) internal::read_admin(admin, kbs.admin, report);
  internal::assume_old_places(root, kbs, report);
  s.texts("session_key_paths", kbs.session_key_paths);
  std::size_t format = 0;
  s.choice("log_format", kLogFormats, format);
  kbs.log_format = static_cast<LogFormat>(format);
  s.finish();
  check_tls_files(kbs.http_server, report);
  check_backend_tables(kbs, report);
  return finished(std::move(kbs), std::move(report));
}

Result<Loaded<As>> load_as(const json::Value& root) {
  const json::Object* table = root.as_object();
  if (table == nullptr) return Error(Errc::wrong_type, "the document is not an object");
  Report report;
  As as;
  Section s(table, "", report);
  internal::read_rvps(s.child("rvps_config"), as.rvps, nullptr, report);
  internal::read_broker(s.child("attestation_token_broker"), as.broker, nullptr, report);
  internal::read_verifiers(s.child("verifier_config"), as.verifiers);
  internal::read_storage(s.child("storage_backend"), as.storage, report);
  s.finish();
  check_backend_table(as.storage.type, as.storage, report);
  if (as.rvps.storage_type) check_backend_table(*as.rvps.storage_type, as.storage, report);
  return finished(std::move(as), std::move(report));
}

std::vector<std::string> not_supported_yet(const Kbs& config) {
  std::vector<std::string> out;
  const AttestationService& as = config.attestation_service;
  note_later(out, uses(config, StorageType::postgres), "storage_backend: Postgres");
  note_later(out, uses(config, StorageType::redis), "storage_backend: Redis");
  note_later(out, as.backend == AttestationBackend::coco_as_grpc,
             "attestation_service: coco_as_grpc");
  note_later(out, as.backend == AttestationBackend::intel_ta, "attestation_service: intel_ta");
  note_later(out, as.rvps.remote, "attestation_service.rvps_config: GrpcRemote");
  note_later(out, as.rvps.has_swid_extractor, "attestation_service.rvps_config: swid_extractor");
  note_later(out, as.verifiers.has_nvidia, "verifier_config: nvidia_verifier");
  note_later(out, as.verifiers.has_nvidia_dpu, "verifier_config: nvidia_dpu_verifier");
  for (const Plugin& plugin : config.plugins) {
    note_plugin(out, plugin);
  }
  return out;
}

std::string_view help_anchor(std::string_view text) {
  struct Row {
    std::string_view word;
    std::string_view anchor;
  };
  static constexpr std::array<Row, 6> kRows = {{
      {"admin", "admin-api-configuration"},
      {"attestation_service", "attestation-configuration"},
      {"attestation_token", "attestation-token-configuration"},
      {"http_server", "http-server-configuration"},
      {"storage_backend", "storage-backend-configuration"},
      {"plugins", "plugins-configuration"},
  }};
  for (const Row& row : kRows) {
    if (text.find(row.word) != std::string_view::npos) return row.anchor;
  }
  return {};
}

}  // namespace trustee::config

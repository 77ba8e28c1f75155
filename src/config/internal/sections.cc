#include "config/internal/sections.h"

#include <array>

#include "config/errors.h"

namespace trustee::config::internal {
namespace {

using Names = std::string_view;

constexpr std::array<Names, 12> kStorageNames = {"Memory",     "LocalFs", "LocalJson", "Sqlite",
                                                 "Postgres",   "Redis",   "memory",    "local_fs",
                                                 "local_json", "sqlite",  "postgres",  "redis"};

void read_version(Section& s, std::string_view key, std::optional<TlsVersion>& out) {
  static constexpr std::array<Names, 2> kVersions = {"1.2", "1.3"};
  std::size_t index = kVersions.size();
  s.choice(key, kVersions, index);
  if (index < kVersions.size()) out = static_cast<TlsVersion>(index);
}

void read_backend_dir(Section parent, std::string_view key, std::string_view dir_key,
                      std::string_view default_dir, std::optional<std::string>& out,
                      Report& report) {
  Section s = parent.child(key);
  if (!s.present()) return;
  out = std::string(default_dir);
  s.text(dir_key, out);
  // What the operator writes for LocalJson, and nobody reads.
  if (dir_key != "dir_path" && s.any("dir_path") != nullptr) {
    report.without_effect(s.full("dir_path"), "write " + std::string(dir_key) + " = \"" + *out +
                                                  "\", which is in force");
  }
  s.finish();
}

}  // namespace

void read_http_server(Section s, HttpServer& out, Report& report) {
  static constexpr std::array<Names, 4> kProfiles = {"old", "intermediate", "modern", "custom"};
  s.texts("sockets", out.sockets);
  s.boolean("insecure_http", out.insecure_http);
  s.text("private_key", out.private_key);
  s.text("certificate", out.certificate);
  s.count("payload_request_size", out.payload_request_size_mib, 1, 4096);
  if (s.has("worker_count")) {
    std::uint64_t workers = 1;
    s.count("worker_count", workers, 1, 1024);
    out.worker_count = workers;
  } else {
    (void)s.any("worker_count");
  }
  std::size_t profile = static_cast<std::size_t>(out.tls.profile);
  s.choice("tls_profile", kProfiles, profile);
  out.tls.profile = static_cast<TlsProfile>(profile);
  read_version(s, "tls_min_version", out.tls.min_version);
  read_version(s, "tls_max_version", out.tls.max_version);
  s.text("tls_ciphers", out.tls.ciphers);
  s.text("tls_groups", out.tls.groups);
  if (out.tls.min_version == TlsVersion::v1_3 && out.tls.max_version == TlsVersion::v1_2) {
    report.fail(Error(Errc::invalid_value,
                      "http_server: TLS configuration error: tls_min_version (1.3) cannot be "
                      "greater than tls_max_version (1.2)"));
  }
  s.finish();
}

void read_attestation_token(Section s, AttestationToken& out, Report& report) {
  s.texts("trusted_certs_paths", out.trusted_certs_paths);
  s.texts("trusted_jwk_sets", out.trusted_jwk_sets);
  s.texts("extra_teekey_paths", out.extra_teekey_paths);
  s.boolean("insecure_header_jwk", out.insecure_header_jwk);
  s.boolean("trust_builtin_as", out.trust_builtin_as);
  bool insecure_key = false;
  s.boolean("insecure_key", insecure_key);
  if (s.has("insecure_key")) {
    const bool counts = report.old_file && !s.has("insecure_header_jwk");
    if (counts) out.insecure_header_jwk = insecure_key;
    const std::string instead =
        std::string("insecure_header_jwk = ") + (insecure_key ? "true" : "false");
    if (counts) {
      report.translated(s.full("insecure_key"), instead);
    } else {
      report.without_effect(s.full("insecure_key"), "delete the line, or write " + instead);
    }
  }
  if (s.any("attestation_token_type") != nullptr) {
    report.without_effect(s.full("attestation_token_type"), "delete the line");
  }
  s.finish();
}

void read_storage_type(Section& s, std::string_view key, std::optional<StorageType>& out) {
  std::size_t index = kStorageNames.size();
  s.choice(key, kStorageNames, index);
  if (index < kStorageNames.size()) out = static_cast<StorageType>(index % 6);
}

void read_storage(Section s, Storage& out, Report& report) {
  std::optional<StorageType> type;
  read_storage_type(s, "storage_type", type);
  if (type) out.type = *type;
  Section backends = s.child("backends");
  read_backend_dir(backends, "local_fs", "dir_path",
                   "/opt/confidential-containers/storage/local_fs", out.local_fs_dir, report);
  read_backend_dir(backends, "local_json", "file_dir_path",
                   "/opt/confidential-containers/storage/local_json", out.local_json_dir, report);
  read_backend_dir(backends, "sqlite", "path", "/opt/confidential-containers/storage/trustee.db",
                   out.sqlite_path, report);
  out.has_postgres = backends.has("postgres");
  out.has_redis = backends.has("redis");
  for (const Names name : {"local_fs", "local_json", "sqlite", "postgres", "redis"}) {
    (void)backends.any(name);
  }
  backends.finish();
  s.finish();
}

// Before the unified storage: [….rvps_config.storage] with a type and a file of its own.
void read_old_rvps_storage(Section s, OldPlaces& places, Report& report) {
  static constexpr std::array<Names, 2> kTypes = {"LocalJson", "LocalFs"};
  std::size_t type = 0;
  for (const Names key : {"type", "storage_type"}) {
    s.choice(key, kTypes, type);
  }
  std::string file = "/opt/confidential-containers/attestation-service/reference_values.json";
  s.text("file_path", file);
  s.finish();
  if (type == 1) {
    report.without_effect(s.path(), "register the values again, their old database cannot be read");
    return;
  }
  places.references = file;
  report.translated(s.path(),
                    "storage_type = \"LocalJson\" in [attestation_service.rvps_config], and "
                    "[storage_backend.backends.local_json] file_dir_path = \"" +
                        file.substr(0, file.rfind('/')) +
                        "\" with the file as reference-values.json in it");
}

void read_rvps(Section s, Rvps& out, OldPlaces* places, Report& report) {
  static constexpr std::array<Names, 2> kTypes = {"BuiltIn", "GrpcRemote"};
  if (!s.present()) return;
  s.require("type");
  std::size_t type = 0;
  s.choice("type", kTypes, type);
  out.remote = type == 1;
  read_storage_type(s, "storage_type", out.storage_type);
  s.text("address", out.address);
  if (out.address.find("://") == std::string::npos) out.address = "http://" + out.address;
  if (places != nullptr && report.old_file && s.has("storage")) {
    read_old_rvps_storage(s.child("storage"), *places, report);
  } else if (s.any("storage") != nullptr) {
    report.without_effect(s.full("storage"), "write storage_type in [" + s.path() + "]");
  }
  Section extractors = s.child("extractors");
  const json::Value* swid = extractors.any("swid_extractor");
  out.has_swid_extractor = swid != nullptr && !swid->is_null();
  extractors.finish();
  s.finish();
}

void read_broker(Section s, TokenBroker& out, OldPlaces* places, Report& report) {
  s.integer("duration_min", out.duration_min);
  s.text("issuer_name", out.issuer_name);
  s.text("developer_name", out.developer_name);
  s.text("build_name", out.build_name);
  s.text("profile_name", out.profile_name);
  s.boolean("verbose_token", out.verbose_token);
  if (s.any("type") != nullptr) report.without_effect(s.full("type"), "delete the line");
  std::optional<std::string> policy_dir;
  s.text("policy_dir", policy_dir);
  if (policy_dir && places != nullptr && report.old_file) {
    places->attestation_policies = *policy_dir + "/opa";
    report.moved(s.full("policy_dir"), "the policies", "attestation_service_policy/");
  } else if (policy_dir) {
    report.without_effect(s.full("policy_dir"), "delete the line");
  }
  Section signer = s.child("signer");
  if (signer.present()) {
    TokenSigner value;
    signer.require("key_path");
    signer.text("key_path", value.key_path);
    signer.text("cert_path", value.cert_path);
    signer.text("cert_url", value.cert_url);
    signer.finish();
    out.signer = std::move(value);
  }
  s.finish();
}

void read_dcap(Section s, DcapVerifier& out) {
  static constexpr std::array<Names, 2> kUpdates = {"early", "standard"};
  if (!s.present()) return;
  s.require("collateral_service");
  s.text("collateral_service", out.collateral_service);
  std::size_t update = 0;
  s.choice("tcb_update_type", kUpdates, update);
  out.standard_update = update == 1;
  (void)s.any("use_secure_cert");  // without effect in the released system as well
  s.finish();
}

void read_tpm_verifier(Section s, TpmVerifier& out) {
  s.text("trusted_ak_keys_dir", out.trusted_ak_keys_dir);
  s.count("max_trusted_ak_keys", out.max_trusted_ak_keys, 1, 1'000'000);
  s.boolean("require_restricted_ak", out.require_restricted_ak);
  s.finish();
}

void read_verifiers(Section s, Verifiers& out) {
  static constexpr std::array<Names, 2> kKinds = {"KDS", "OfflineStore"};
  out.has_nvidia = s.any("nvidia_verifier") != nullptr;
  out.has_nvidia_dpu = s.any("nvidia_dpu_verifier") != nullptr;
  read_dcap(s.child("dcap_verifier"), out.dcap);
  Section snp = s.child("snp_verifier");
  if (snp.has("vcek_sources")) {
    out.vcek_sources.clear();
    for (Section& source : snp.children("vcek_sources")) {
      VcekSource value;
      std::size_t kind = 0;
      source.require("type");
      source.choice("type", kKinds, kind);
      value.kind = static_cast<VcekSource::Kind>(kind);
      source.text("base_url", value.base_url);
      source.text("path", value.path);
      std::uint64_t interval = 0;
      source.count("request_interval", interval, 0, 3600);
      if (source.has("request_interval")) value.request_interval = interval;
      source.finish();
      out.vcek_sources.push_back(std::move(value));
    }
  } else {
    (void)snp.any("vcek_sources");
  }
  bool check_revocation = false;
  snp.boolean("check_revocation", check_revocation);
  if (snp.has("check_revocation")) out.snp_check_revocation = check_revocation;
  snp.finish();
  read_tpm_verifier(s.child("tpm_verifier"), out.tpm);
  Section azure = s.child("azure_vtpm_verifier");
  azure.count("min_evidence_version", out.azure_min_evidence_version, 0, 2);
  azure.finish();
  s.finish();
}

// Zero and less make sessions that are born expired; what no clock can add is refused.
void read_timeout(Section& s, std::int64_t& minutes, Report& report) {
  constexpr std::int64_t kMax = std::int64_t{10} * 366 * 24 * 60;
  s.integer("timeout", minutes);
  if (minutes >= -kMax && minutes <= kMax) return;
  report.fail(Error(Errc::invalid_value, s.path() + ".timeout: " + std::to_string(minutes) +
                                             " minutes are more than ten years"));
}

void read_attestation_service(Section s, AttestationService& out, OldPlaces& places,
                              Report& report) {
  static constexpr std::array<Names, 6> kTypes = {"coco_as_builtin", "coco_as_grpc", "intel_ta",
                                                  "CoCoASBuiltIn",   "CoCoASGrpc",   "IntelTA"};
  if (!s.present()) return;
  s.require("type");
  std::size_t type = 0;
  s.choice("type", kTypes, type);
  out.backend = static_cast<AttestationBackend>(type % 3);
  read_timeout(s, out.timeout_min, report);
  read_storage_type(s, "storage_type", out.storage_type);
  read_rvps(s.child("rvps_config"), out.rvps, &places, report);
  read_broker(s.child("attestation_token_broker"), out.broker, &places, report);
  read_verifiers(s.child("verifier_config"), out.verifiers);
  for (const Names key : {"as_addr", "pool_size", "base_url", "api_key", "certs_file", "policy_ids",
                          "allow_unmatched_policy"}) {
    (void)s.any(key);
  }
  for (const Names old : {"work_dir", "policy_engine"}) {
    if (s.any(old) != nullptr) report.without_effect(s.full(old), "delete the line");
  }
  if (s.any("attestation_token_config") != nullptr) {
    report.without_effect(s.full("attestation_token_config"),
                          "write duration_min in [" + s.full("attestation_token_broker") + "]");
  }
  s.finish();
}

void read_policy_engine(Section s, OldPlaces& places, Report& report) {
  if (!s.present()) return;
  std::optional<std::string> path;
  s.text("policy_path", path);
  if (path && report.old_file) {
    places.resource_policy = path;
    report.moved(s.full("policy_path"), "the policy", "kbs/resource-policy.rego");
  } else if (!report.old_file) {
    report.without_effect(s.path(), "delete the table");
  }
  s.finish();
}

}  // namespace trustee::config::internal

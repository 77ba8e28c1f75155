#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "codec/json.h"

// Typed configuration of the KBS and the AS. Defaults are the released system's (kbs.md section 2,
// attestation-service.md section 5); keys of ours are marked.

namespace trustee::config {

/// Mozilla's profiles, and one of the administrator's own.
enum class TlsProfile : std::uint8_t { old, intermediate, modern, custom };
enum class TlsVersion : std::uint8_t { v1_2, v1_3 };

/// The keys `tls_…` of `[http_server]`.
struct Tls {
  TlsProfile profile = TlsProfile::intermediate;
  std::optional<TlsVersion> min_version;
  std::optional<TlsVersion> max_version;
  std::optional<std::string> ciphers;
  std::optional<std::string> groups;
};

/// `[http_server]`.
struct HttpServer {
  std::vector<std::string> sockets = {"127.0.0.1:8080"};
  bool insecure_http = false;
  std::optional<std::string> private_key;
  std::optional<std::string> certificate;
  std::uint64_t payload_request_size_mib = 2;
  std::optional<std::uint64_t> worker_count;
  Tls tls;
};

/// `[attestation_token]`: whose tokens are believed.
struct AttestationToken {
  std::vector<std::string> trusted_certs_paths;
  std::vector<std::string> trusted_jwk_sets;
  std::vector<std::string> extra_teekey_paths;
  bool insecure_header_jwk = false;
  /// Ours: believe the tokens of the attestation service in this process, and no other header key.
  bool trust_builtin_as = false;
};

enum class StorageType : std::uint8_t { memory, local_fs, local_json, sqlite, postgres, redis };

/// `[storage_backend]`. A backend's table must be present when it is selected (kbs.md 11.1).
struct Storage {
  StorageType type = StorageType::memory;
  std::optional<std::string> local_fs_dir;
  std::optional<std::string> local_json_dir;
  std::optional<std::string> sqlite_path;  ///< ours
  bool has_postgres = false;
  bool has_redis = false;
};

/// `[….attestation_token_broker.signer]`: files, and where the certificates can be got.
struct TokenSigner {
  std::string key_path;
  std::optional<std::string> cert_path;
  std::optional<std::string> cert_url;
};

/// `[….attestation_token_broker]`: what tokens say of this service, and for how long.
struct TokenBroker {
  std::int64_t duration_min = 5;
  std::string issuer_name = "CoCo-Attestation-Service";
  std::string developer_name = "https://confidentialcontainers.org";
  std::string build_name = "attestation-service 0.1.0";
  std::string profile_name = "tag:github.com,2024:confidential-containers/Trustee";
  bool verbose_token = true;
  std::optional<TokenSigner> signer;
};

/// One entry of `vcek_sources`: a KDS by its URL, or a directory.
struct VcekSource {
  enum class Kind : std::uint8_t { kds, offline_store } kind = Kind::kds;
  std::string base_url = "https://kdsintf.amd.com";
  std::string path = "/opt/confidential-containers/attestation-service/kds-store";
  /// Ours: seconds from the end of one request to the service to the start of the next. Absent: ten
  /// for AMD's own, none for mirrors.
  std::optional<std::uint64_t> request_interval;
};

/// `[dcap_verifier]`: where Intel's collateral comes from, for TDX, SGX and Azure TDX.
struct DcapVerifier {
  /// PCS, a PCCS (also below a path), or `file://` and the file of Intel's PCS client tool.
  std::string collateral_service = "https://api.trustedservices.intel.com/sgx/certification/v4/";
  bool standard_update = false;  ///< `tcb_update_type`: `standard`, else `early`
};

/// `[….verifier_config.tpm_verifier]`. Upstream documents the first two keys and reads none.
struct TpmVerifier {
  std::optional<std::string> trusted_ak_keys_dir;  ///< none: any attestation key
  std::uint64_t max_trusted_ak_keys = 1000;
  /// Ours: only public areas as a TPM gives them, which show that the key is restricted.
  bool require_restricted_ak = false;
};

/// `[….verifier_config]`.
struct Verifiers {
  /// Absent in the file: one KDS. An empty list always fails to fetch.
  std::vector<VcekSource> vcek_sources = {VcekSource{}};
  /// Ours: whether AMD's endorsement keys must be checked against AMD's revocation lists. Given at
  /// all, the claims say which it was.
  std::optional<bool> snp_check_revocation;
  bool has_nvidia = false;
  TpmVerifier tpm;
  /// Ours, `azure_vtpm_verifier.min_evidence_version`: evidence of either Azure TEE below this
  /// version is refused. Below 2 the hardware report is not fresh.
  std::uint64_t azure_min_evidence_version = 0;
  DcapVerifier dcap;
  bool has_nvidia_dpu = false;
};

/// `[….rvps_config]`: in this process, or elsewhere.
struct Rvps {
  bool remote = false;
  std::string address = "http://127.0.0.1:50003";
  std::optional<StorageType> storage_type;
  bool has_swid_extractor = false;
};

enum class AttestationBackend : std::uint8_t { coco_as_builtin, coco_as_grpc, intel_ta };

/// `[attestation_service]`.
struct AttestationService {
  AttestationBackend backend = AttestationBackend::coco_as_builtin;
  std::int64_t timeout_min = 5;
  std::optional<StorageType> storage_type;
  Rvps rvps;
  TokenBroker broker;
  Verifiers verifiers;
};

/// One entry of `[admin.authentication.bearer_jwt]`.
struct IdentityProvider {
  std::optional<std::string> issuer;
  std::optional<std::string> audience;
  std::optional<std::string> public_key_uri;
  std::optional<std::string> jwk_set_uri;
  /// Ours: the role of a token that carries none. For tokens of clients up to v0.20.
  std::optional<std::string> default_role;
};

/// One entry of `[admin.authorization.regex_acl]`.
struct Acl {
  std::string role;
  std::string allowed_endpoints;
  /// Ours: methods the rule covers; empty means all, as upstream.
  std::vector<std::string> methods;
};

enum class AdminMode : std::uint8_t { deny_all, insecure_allow_all, authenticated };

/// `[admin]`.
struct Admin {
  AdminMode mode = AdminMode::deny_all;
  std::vector<IdentityProvider> identity_providers;
  std::vector<Acl> acls;
};

enum class PluginKind : std::uint8_t { resource, sample, pkcs11, nebula_ca, external, provisioner };
enum class SecretBackend : std::uint8_t { kvstorage, vault, aliyun, aws, gcp };

/// One entry of `[[plugins]]`.
struct Plugin {
  PluginKind kind = PluginKind::resource;
  SecretBackend resource_backend = SecretBackend::kvstorage;  ///< for `resource`
};

/// Places that releases before `[storage_backend]` named in their files. What lies there is read
/// and written there, in place of the store's.
struct OldPlaces {
  std::optional<std::string> resource_policy;       ///< a file
  std::optional<std::string> resources;             ///< a directory, `<repo>/<type>/<tag>` below it
  std::optional<std::string> attestation_policies;  ///< a directory of `<id>.rego`
  std::optional<std::string> references;            ///< a file: `[{name, expiration, value}]`
  /// Where the release looked of itself when its file names none of the first or the third: files,
  /// of which the first that is there counts and none means that there is no policy; a directory,
  /// which counts if it is there.
  std::vector<std::string> usual_resource_policies;
  std::optional<std::string> usual_attestation_policies;
};

enum class LogFormat : std::uint8_t { text, json };

/// The whole KBS configuration.
struct Kbs {
  HttpServer http_server;
  AttestationToken attestation_token;
  AttestationService attestation_service;
  Admin admin;
  Storage storage;
  OldPlaces old_places;
  std::optional<StorageType> session_storage_type;
  std::vector<Plugin> plugins;
  /// Ours: files with session keys, current first; each holds 32 bytes as hex or base64.
  std::vector<std::string> session_key_paths;
  /// Ours: how log lines are written.
  LogFormat log_format = LogFormat::text;
};

/// The configuration of a stand-alone AS.
struct As {
  Rvps rvps;
  TokenBroker broker;
  Verifiers verifiers;
  Storage storage;
};

}  // namespace trustee::config

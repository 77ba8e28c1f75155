#include "config/load.h"

#include <gtest/gtest.h>

#include "config/errors.h"
#include "tests/support/case.h"

namespace trustee::config {
namespace {

Result<Loaded<Kbs>> kbs_from(std::string_view text, Format format = Format::toml) {
  auto root = parse_document(text, format);
  if (!root.ok()) return std::move(root).error();
  return load_kbs(*root);
}

Code code_of(std::string_view text) {
  const auto loaded = kbs_from(text);
  EXPECT_FALSE(loaded.ok()) << text;
  return loaded.ok() ? Code(Errc::syntax) : loaded.error().code();
}

constexpr std::string_view kMinimal = R"(
[http_server]
insecure_http = true
[admin]
authorization_mode = "DenyAll"
)";

std::string with(std::string_view extra) { return std::string(kMinimal) + std::string(extra); }

TEST(LoadKbs, a_minimal_file_has_the_released_defaults) {
  const auto loaded = kbs_from(kMinimal);
  ASSERT_TRUE(loaded.ok()) << loaded.error().to_string();
  const Kbs& kbs = loaded->config;
  EXPECT_EQ(kbs.http_server.sockets, std::vector<std::string>{"127.0.0.1:8080"});
  EXPECT_EQ(kbs.http_server.payload_request_size_mib, 2U);
  EXPECT_EQ(kbs.http_server.tls.profile, TlsProfile::intermediate);
  EXPECT_EQ(kbs.attestation_service.timeout_min, 5);
  EXPECT_EQ(kbs.attestation_service.broker.duration_min, 5);
  EXPECT_EQ(kbs.attestation_service.broker.issuer_name, "CoCo-Attestation-Service");
  EXPECT_EQ(kbs.attestation_service.verifiers.vcek_sources.size(), 1U);
  EXPECT_EQ(kbs.attestation_service.verifiers.vcek_sources[0].base_url, "https://kdsintf.amd.com");
  EXPECT_EQ(kbs.storage.type, StorageType::memory);
  EXPECT_TRUE(kbs.plugins.empty());
  EXPECT_TRUE(loaded->warnings.empty());
  EXPECT_TRUE(not_supported_yet(kbs).empty());
}

TEST(LoadKbs, reads_where_intels_collateral_comes_from) {
  const auto with_dcap = [](const std::string& lines) {
    return kbs_from(
        with("[attestation_service]\ntype = \"coco_as_builtin\"\n"
             "[attestation_service.verifier_config.dcap_verifier]\n" +
             lines));
  };
  const auto set = with_dcap(
      "collateral_service = \"file:///etc/collateral.json\"\n"
      "tcb_update_type = \"standard\"\nuse_secure_cert = true\n");
  ASSERT_TRUE(set.ok()) << set.error().to_string();
  EXPECT_TRUE(set->warnings.empty());
  EXPECT_TRUE(not_supported_yet(set->config).empty());
  const DcapVerifier& dcap = set->config.attestation_service.verifiers.dcap;
  EXPECT_EQ(dcap.collateral_service, "file:///etc/collateral.json");
  EXPECT_TRUE(dcap.standard_update);
  EXPECT_TRUE(with_dcap("").error().is(Errc::missing_key));
  EXPECT_TRUE(with_dcap("collateral_service = \"https://x\"\ntcb_update_type = \"late\"")
                  .error()
                  .is(Errc::invalid_value));
  const DcapVerifier defaults = kbs_from(kMinimal)->config.attestation_service.verifiers.dcap;
  EXPECT_EQ(defaults.collateral_service,
            "https://api.trustedservices.intel.com/sgx/certification/v4/");
  EXPECT_FALSE(defaults.standard_update);
}

TEST(LoadKbs, whether_amds_revocation_lists_are_checked_is_said_or_left_open) {
  const auto with_snp = [](const std::string& line) {
    return kbs_from(
        with("[attestation_service]\ntype = \"coco_as_builtin\"\n"
             "[attestation_service.verifier_config.snp_verifier]\n" +
             line));
  };
  EXPECT_EQ(with_snp("")->config.attestation_service.verifiers.snp_check_revocation, std::nullopt);
  for (const bool value : {true, false}) {
    const auto loaded = with_snp(std::string("check_revocation = ") + (value ? "true" : "false"));
    EXPECT_EQ(loaded->config.attestation_service.verifiers.snp_check_revocation, value);
    EXPECT_TRUE(loaded->warnings.empty());
  }
  EXPECT_TRUE(with_snp("check_revocation = \"yes\"").error().is(Errc::wrong_type));
}

// The shapes of the released system's sample files: mixed spellings of storage types, dotted keys,
// unset keys at their defaults, three formats.
TEST(LoadKbs, vtpm_verifiers_have_upstreams_defaults_and_take_our_keys) {
  const auto with_verifiers = [](std::string_view tables) {
    return kbs_from(
        with("[attestation_service]\ntype = \"coco_as_builtin\"\n"
             "[attestation_service.rvps_config]\ntype = \"BuiltIn\"\n" +
             std::string(tables)));
  };
  const auto plain = with_verifiers("");
  ASSERT_TRUE(plain.ok()) << plain.error().to_string();
  EXPECT_EQ(plain->config.attestation_service.verifiers.tpm.trusted_ak_keys_dir, std::nullopt);
  EXPECT_EQ(plain->config.attestation_service.verifiers.azure_min_evidence_version, 0U);
  const auto loaded = with_verifiers(
      "[attestation_service.verifier_config.tpm_verifier]\ntrusted_ak_keys_dir = \"/aks\"\n"
      "max_trusted_ak_keys = 7\nrequire_restricted_ak = true\n"
      "[attestation_service.verifier_config.azure_vtpm_verifier]\nmin_evidence_version = 2\n");
  ASSERT_TRUE(loaded.ok()) << loaded.error().to_string();
  EXPECT_TRUE(loaded->warnings.empty());
  const Verifiers& verifiers = loaded->config.attestation_service.verifiers;
  EXPECT_EQ(verifiers.tpm.trusted_ak_keys_dir, "/aks");
  EXPECT_EQ(verifiers.tpm.max_trusted_ak_keys, 7U);
  EXPECT_TRUE(verifiers.tpm.require_restricted_ak);
  EXPECT_EQ(verifiers.azure_min_evidence_version, 2U);
  const auto newer = with_verifiers(
      "[attestation_service.verifier_config.azure_vtpm_verifier]\nmin_evidence_version = 3\n");
  ASSERT_FALSE(newer.ok());
  EXPECT_TRUE(newer.error().is(Errc::invalid_value));
}

TEST(LoadKbs, reads_the_shapes_of_released_sample_files) {
  CASE("KBS-F1");
  const auto dotted = kbs_from(R"(
session_storage_type = "memory"
[http_server]
sockets = ["0.0.0.0:8080", "[::1]:8081"]
private_key = "/etc/kbs/key.pem"
certificate = "/etc/kbs/cert.pem"
payload_request_size = 10
worker_count = 4
[attestation_token]
trusted_certs_paths = ["/etc/ca", "/etc/ca2"]
insecure_header_jwk = false
[attestation_service]
type = "CoCoASBuiltIn"
timeout = 600
storage_type = "LocalJson"
[attestation_service.attestation_token_broker]
duration_min = 7
[attestation_service.attestation_token_broker.signer]
key_path = "/etc/key"
cert_url = "https://example.io"
[attestation_service.rvps_config]
type = "BuiltIn"
storage_type = "local_json"
[admin]
authorization_mode = "InsecureAllowAll"
[storage_backend]
storage_type = "local_json"
backends.local_json.file_dir_path = "/opt/x"
[[plugins]]
name = "ResourceStorage"
storage_backend_type = "KvStorage"
[[plugins]]
name = "sample"
item = "value"
)");
  ASSERT_TRUE(dotted.ok()) << dotted.error().to_string();
  const Kbs& kbs = dotted->config;
  EXPECT_EQ(kbs.session_storage_type, StorageType::memory);
  EXPECT_EQ(kbs.http_server.sockets.size(), 2U);
  EXPECT_EQ(kbs.http_server.worker_count, 4U);
  EXPECT_EQ(kbs.attestation_service.storage_type, StorageType::local_json);
  EXPECT_EQ(kbs.attestation_service.rvps.storage_type, StorageType::local_json);
  EXPECT_EQ(kbs.attestation_service.broker.duration_min, 7);
  EXPECT_EQ(kbs.attestation_service.broker.signer->cert_url, "https://example.io");
  EXPECT_EQ(kbs.storage.local_json_dir, "/opt/x");
  ASSERT_EQ(kbs.plugins.size(), 2U);
  EXPECT_EQ(kbs.plugins[1].kind, PluginKind::sample);

  const auto yaml = kbs_from(
      "http_server:\n  insecure_http: true\n  sockets: [\"127.0.0.1:1\"]\n"
      "admin:\n  authorization_mode: DenyAll\n"
      "storage_backend:\n  storage_type: LocalFs\n  backends:\n"
      "    local_fs: {}\n",
      Format::yaml);
  ASSERT_TRUE(yaml.ok()) << yaml.error().to_string();
  EXPECT_EQ(yaml->config.storage.local_fs_dir, "/opt/confidential-containers/storage/local_fs");
  const auto json = kbs_from(R"({"http_server":{"insecure_http":true},
    "admin":{"authorization_mode":"DenyAll"}})",
                             Format::json);
  ASSERT_TRUE(json.ok());
}

TEST(LoadKbs, later_back_ends_load_and_are_named) {
  const auto loaded = kbs_from(with(R"(
[attestation_service]
type = "coco_as_grpc"
as_addr = "http://as:50004"
pool_size = 200
[attestation_service.rvps_config]
type = "BuiltIn"
extractors.swid_extractor = {}
[storage_backend]
storage_type = "Redis"
backends.redis.url = "redis://r"
[[plugins]]
name = "pkcs11"
module = "/m.so"
pin = "1234"
[[plugins]]
name = "resource"
storage_backend_type = "Vault"
vault_url = "http://v"
token = "t"
)"));
  ASSERT_TRUE(loaded.ok()) << loaded.error().to_string();
  EXPECT_EQ(not_supported_yet(loaded->config),
            (std::vector<std::string>{"storage_backend: Redis", "attestation_service: coco_as_grpc",
                                      "attestation_service.rvps_config: swid_extractor",
                                      "plugins: pkcs11", "plugins: resource on Vault"}));
}

TEST(LoadKbs, names_what_is_missing_or_wrong) {
  EXPECT_EQ(code_of("[admin]\nauthorization_mode = \"DenyAll\"\n"), Code(Errc::missing_key));
  EXPECT_EQ(code_of("[http_server]\ninsecure_http = true\n"), Code(Errc::missing_key));
  EXPECT_EQ(code_of("[http_server]\n[admin]\nauthorization_mode = \"DenyAll\"\n"),
            Code(Errc::missing_key))
      << "TLS files";
  EXPECT_EQ(code_of(with("[[plugins]]\nname = \"resource\"\n")), Code(Errc::missing_key));
  EXPECT_EQ(code_of(with("[[plugins]]\nname = \"nosuch\"\n")), Code(Errc::invalid_value));
  EXPECT_EQ(code_of(with("[attestation_service]\ntimeout = 5\n")), Code(Errc::missing_key));
  EXPECT_EQ(code_of(with("[storage_backend]\nstorage_type = \"LocalFs\"\n")),
            Code(Errc::missing_key));
  EXPECT_EQ(code_of(with("[attestation_token]\ntrusted_certs_paths = \"x\"\n")),
            Code(Errc::wrong_type));
  EXPECT_EQ(code_of(with("[attestation_token]\ninsecure_header_jwk = \"true\"\n")),
            Code(Errc::wrong_type));
  EXPECT_EQ(code_of("[http_server]\ninsecure_http = true\ntls_min_version = 1.2\n[admin]\n"
                    "authorization_mode = \"DenyAll\"\n"),
            Code(Errc::wrong_type));
  EXPECT_EQ(code_of("[http_server]\ninsecure_http = true\npayload_request_size = 0\n[admin]\n"
                    "authorization_mode = \"DenyAll\"\n"),
            Code(Errc::invalid_value));
}

TEST(LoadKbs, unknown_keys_warn_with_the_nearest_name_and_are_errors_under_admin) {
  const auto loaded = kbs_from(with("[attestation_token]\ntrusted_cert_paths = []\n"));
  ASSERT_TRUE(loaded.ok());
  ASSERT_EQ(loaded->warnings.size(), 1U);
  EXPECT_EQ(loaded->warnings[0],
            "unknown key `attestation_token.trusted_cert_paths` is ignored; did you mean "
            "`trusted_certs_paths`?");
  EXPECT_EQ(code_of(with("autorization_mode = \"DenyAll\"\n")), Code(Errc::unknown_key));
}

TEST(LoadKbs, old_admin_tables_are_translated_and_printed_in_their_new_form) {
  const auto simple = kbs_from(
      "[http_server]\ninsecure_http = true\n[admin]\ntype = \"Simple\"\n"
      "[[admin.personas]]\nid = \"root\"\npublic_key_path = \"/k.pub\"\n[storage_backend]\n");
  ASSERT_TRUE(simple.ok()) << simple.error().to_string();
  EXPECT_EQ(simple->config.admin.mode, AdminMode::authenticated);
  ASSERT_EQ(simple->config.admin.identity_providers.size(), 1U);
  EXPECT_EQ(simple->config.admin.identity_providers[0].default_role, "root");
  ASSERT_EQ(simple->warnings.size(), 1U);
  EXPECT_NE(simple->warnings[0].find("authorization_mode = \"AuthenticatedAuthorization\""),
            std::string::npos);
  const auto flat = kbs_from("[http_server]\ninsecure_http = true\n[admin]\ninsecure_api = true\n");
  ASSERT_TRUE(flat.ok());
  EXPECT_EQ(flat->config.admin.mode, AdminMode::insecure_allow_all);
  EXPECT_EQ(code_of("[http_server]\ninsecure_http = true\n[admin]\n"), Code(Errc::missing_key));
  EXPECT_EQ(
      code_of("[http_server]\ninsecure_http = true\n[admin]\nauthorization_mode = \"AllowAll\"\n"),
      Code(Errc::invalid_value));
  EXPECT_EQ(
      code_of("[http_server]\ninsecure_http = true\n[admin]\nauthorization_mode = \"DenyAll\"\n"
              "type = \"Simple\"\n"),
      Code(Errc::unknown_key));
}

TEST(LoadKbs, text_that_does_not_parse_names_its_line) {
  for (const std::string_view header :
       {"[/x]\n", "[[ =a]]\n", "[a./]\n", "[\x7f]\n", "r\xd1\x9a = 1\n"}) {
    const auto odd = parse_document(header, Format::toml);
    ASSERT_FALSE(odd.ok()) << header;
    EXPECT_TRUE(odd.error().is(Errc::syntax)) << header;
  }
  const auto texts = parse_document(
      "\xef\xbb\xbf# \xd1\x9a\na = \"\"\"\\\n  \xd1\x9a\"\"\"\nb = '\xd1\x9a'\nc = "
      "\"\"\"\n\xd1\x9a\"\"\"\"\n",
      Format::toml);
  ASSERT_TRUE(texts.ok()) << texts.error().to_string();
  EXPECT_EQ(json::write(*texts), "{\"a\":\"\xd1\x9a\",\"b\":\"\xd1\x9a\",\"c\":\"\xd1\x9a\\\"\"}");
  const auto toml = parse_document("[http_server\n", Format::toml);
  ASSERT_FALSE(toml.ok());
  EXPECT_TRUE(toml.error().is(Errc::syntax));
  EXPECT_NE(toml.error().detail().find("line 1"), std::string::npos);
  EXPECT_TRUE(parse_document("a: [1", Format::yaml).error().is(Errc::syntax));
  EXPECT_TRUE(parse_document("{", Format::json).error().is(Errc::syntax));
  EXPECT_TRUE(
      parse_document(std::string(kMaxDocument + 1, ' '), Format::toml).error().is(Errc::too_large));
  EXPECT_TRUE(parse_document(std::string(kMaxDocument, ' '), Format::toml).ok());
  const std::string deep = std::string(40, '[') + std::string(40, ']');
  EXPECT_TRUE(parse_document("a = " + deep, Format::toml).error().is(Errc::syntax));
  EXPECT_TRUE(format_of("kbs.ini").error().is(Errc::unknown_format));
}

TEST(HelpAnchor, is_that_of_the_first_section_named) {
  EXPECT_EQ(help_anchor("missing field `authorization_mode` in [admin]"),
            "admin-api-configuration");
  EXPECT_EQ(help_anchor("http_server: x"), "http-server-configuration");
  EXPECT_EQ(help_anchor("nothing of the kind"), "");
}

Result<Loaded<As>> as_from(std::string_view text) {
  auto root = parse_document(text, Format::json);
  if (!root.ok()) return std::move(root).error();
  return load_as(*root);
}

TEST(LoadAs, a_partial_broker_keeps_the_other_defaults) {
  CASE("AS-70");
  const auto loaded = as_from(R"({"attestation_token_broker":{"duration_min":999}})");
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded->config.broker.duration_min, 999);
  const auto& broker = loaded->config.broker;
  EXPECT_EQ(broker.issuer_name, "CoCo-Attestation-Service");
  EXPECT_EQ(broker.developer_name, "https://confidentialcontainers.org");
  EXPECT_EQ(broker.build_name, "attestation-service 0.1.0");
  EXPECT_EQ(broker.profile_name, "tag:github.com,2024:confidential-containers/Trustee");
  EXPECT_TRUE(broker.verbose_token);
  EXPECT_FALSE(broker.signer.has_value());
  EXPECT_FALSE(loaded->config.rvps.remote);
}

TEST(LoadAs, reads_both_shapes_of_the_released_examples) {
  CASE("AS-71");
  const auto first = as_from(R"({
    "rvps_config": {"type": "BuiltIn"},
    "attestation_token_broker": {"duration_min": 5},
    "storage_backend": {"storage_type": "LocalFs", "backends": {"local_fs":
      {"dir_path": "/opt/confidential-containers/attestation-service"}}}})");
  ASSERT_TRUE(first.ok()) << first.error().to_string();
  EXPECT_EQ(first->config.storage.type, StorageType::local_fs);
  EXPECT_EQ(first->config.storage.local_fs_dir, "/opt/confidential-containers/attestation-service");
  EXPECT_FALSE(first->config.broker.signer.has_value());
  const auto second = as_from(R"({"attestation_token_broker": {"signer":
    {"key_path": "/etc/key", "cert_url": "https://example.io", "cert_path": "/etc/cert.pem"}}})");
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->config.storage.type, StorageType::memory);
  ASSERT_TRUE(second->config.broker.signer.has_value());
  EXPECT_EQ(second->config.broker.signer->key_path, "/etc/key");
  EXPECT_EQ(second->config.broker.signer->cert_url, "https://example.io");
  EXPECT_EQ(second->config.broker.signer->cert_path, "/etc/cert.pem");
}

TEST(LoadAs, removed_keys_do_nothing_and_are_named) {
  CASE("AS-72");
  const auto loaded = as_from(R"({"work_dir": "/var/lib/as",
    "attestation_token_broker": {"type": "Ear", "policy_dir": "/p", "duration_min": 6}})");
  ASSERT_TRUE(loaded.ok()) << loaded.error().to_string();
  EXPECT_EQ(loaded->config.broker.duration_min, 6);
  EXPECT_EQ(loaded->warnings.size(), 3U);
}

TEST(LoadAs, an_rvps_table_needs_its_type) {
  EXPECT_TRUE(as_from(R"({"rvps_config":{}})").error().is(Errc::missing_key));
  EXPECT_TRUE(as_from(R"({"rvps_config":{"type":"builtin"}})").error().is(Errc::invalid_value));
  EXPECT_EQ(as_from(R"({"rvps_config":{"type":"GrpcRemote","address":"rvps:50003"}})")
                ->config.rvps.address,
            "http://rvps:50003");
}

}  // namespace
}  // namespace trustee::config

#include "operator/kbs_toml.h"

#include <gtest/gtest.h>

#include "config/document.h"
#include "config/load.h"
#include "operator/errors.h"
#include "operator/toml_edit.h"
#include "operator/toml_migration.h"
#include "tests/support/case.h"
#include "tests/support/file_bytes.h"

// Expected settings: operator specification, section 3.5, through the loader of the KBS.

namespace trustee::operators {
namespace {

const TlsSettings kIntermediate{"intermediate", {{"tls_profile", "intermediate"}}};

config::Loaded<config::Kbs> loaded(std::string_view text) {
  const auto tree = config::parse_document(text, config::Format::toml);
  EXPECT_TRUE(tree.ok()) << text;
  auto config = config::load_kbs(tree.value());
  EXPECT_TRUE(config.ok()) << config.error().to_string();
  return std::move(config).value();
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) {
    ++n;
  }
  return n;
}

TEST(KbsToml, permissive_is_open_but_denies_administrators) {
  CASE("OP-13");
  const auto text = render_kbs_toml({});
  const auto [kbs, warnings] = loaded(text);
  EXPECT_TRUE(warnings.empty()) << warnings.front();
  EXPECT_EQ(kbs.http_server.sockets, std::vector<std::string>{"0.0.0.0:8080"});
  EXPECT_TRUE(kbs.http_server.insecure_http);
  EXPECT_EQ(kbs.http_server.worker_count, 4U);
  EXPECT_TRUE(kbs.attestation_token.insecure_header_jwk);
  EXPECT_EQ(kbs.admin.mode, config::AdminMode::deny_all);
  EXPECT_EQ(kbs.attestation_service.backend, config::AttestationBackend::coco_as_builtin);
  EXPECT_EQ(kbs.attestation_service.timeout_min, 5);
  EXPECT_EQ(kbs.attestation_service.broker.duration_min, 5);
  EXPECT_FALSE(kbs.attestation_service.broker.signer.has_value());
  EXPECT_FALSE(kbs.attestation_service.rvps.remote);
  EXPECT_EQ(kbs.attestation_service.rvps.storage_type, config::StorageType::local_json);
  EXPECT_EQ(kbs.storage.type, config::StorageType::local_fs);
  EXPECT_EQ(kbs.storage.local_fs_dir, "/opt/confidential-containers/storage");
  EXPECT_EQ(kbs.storage.local_json_dir, "/opt/confidential-containers/storage/local_json");
  ASSERT_EQ(kbs.attestation_service.verifiers.vcek_sources.size(), 2U);
  EXPECT_EQ(kbs.attestation_service.verifiers.vcek_sources[0].kind,
            config::VcekSource::Kind::offline_store);
  EXPECT_EQ(kbs.attestation_service.verifiers.dcap.collateral_service,
            "https://api.trustedservices.intel.com/sgx/certification/v4/");
  ASSERT_EQ(kbs.plugins.size(), 1U);
  EXPECT_EQ(kbs.plugins[0].resource_backend, config::SecretBackend::kvstorage);
  EXPECT_EQ(text.find("tls_"), std::string::npos);
}

TEST(KbsToml, restricted_serves_https_and_believes_its_own_tokens_only) {
  CASE("OP-15");
  const auto text = render_kbs_toml({.restricted = true, .token_key = true, .tls = kIntermediate});
  const auto [kbs, warnings] = loaded(text);
  EXPECT_TRUE(warnings.empty()) << warnings.front();
  EXPECT_FALSE(kbs.http_server.insecure_http);
  EXPECT_EQ(kbs.http_server.private_key, "/etc/https-key/privateKey");
  EXPECT_EQ(kbs.http_server.certificate, "/etc/https-cert/certificate");
  EXPECT_EQ(count(text, "tls_profile = \"intermediate\"\n"), 1U);
  EXPECT_FALSE(kbs.attestation_token.insecure_header_jwk);
  EXPECT_EQ(kbs.attestation_token.trusted_certs_paths,
            std::vector<std::string>{"/etc/attestation-cert/token.crt"});
  ASSERT_TRUE(kbs.attestation_service.broker.signer.has_value());
  EXPECT_EQ(kbs.attestation_service.broker.signer->key_path, "/etc/attestation-key/token.key");
  EXPECT_EQ(kbs.attestation_service.broker.signer->cert_path, "/etc/attestation-cert/token.crt");
  EXPECT_EQ(kbs.admin.mode, config::AdminMode::deny_all);
}

TEST(KbsToml, of_a_named_profile_has_one_tls_line) {
  CASE("OP-16");
  const auto text = render_kbs_toml({.restricted = true,
                                     .token_key = true,
                                     .tls = TlsSettings{"modern", {{"tls_profile", "modern"}}}});
  EXPECT_EQ(count(text, "\ntls_"), 1U);
  EXPECT_EQ(count(text, "\ntls_profile = \"modern\"\n"), 1U);
}

TEST(KbsToml, is_as_the_merge_would_leave_it) {
  CASE("OP-28");
  const TlsSettings old{"old", {{"tls_profile", "old"}}};
  const auto text = render_kbs_toml({.restricted = true, .token_key = true, .tls = old});
  const auto wanted =
      render_kbs_toml({.restricted = true, .token_key = true, .tls = kIntermediate});
  EXPECT_EQ(merge_tls(text, kIntermediate).value(), wanted);
  EXPECT_EQ(merge_tls(wanted, kIntermediate).value(), wanted);
}

TEST(KbsToml, tells_what_is_open_in_it) {
  EXPECT_EQ(insecure_settings(render_kbs_toml({})).value(),
            "http_server.insecure_http and attestation_token.insecure_header_jwk");
  EXPECT_EQ(insecure_settings("[attestation_token]\ninsecure_header_jwk = true\n").value(),
            "attestation_token.insecure_header_jwk");
  EXPECT_EQ(insecure_settings(
                render_kbs_toml({.restricted = true, .token_key = true, .tls = kIntermediate}))
                .value(),
            "");
  EXPECT_EQ(insecure_settings("[http_server]\ninsecure_http = true\n[attestation_token]\n"
                              "insecure_header_jwk = true\n[admin]\n"
                              "authorization_mode = \"InsecureAllowAll\"\n")
                .value(),
            "http_server.insecure_http, attestation_token.insecure_header_jwk and "
            "admin.authorization_mode");
}

TEST(KbsToml, tells_what_is_open_under_the_names_of_older_releases) {
  EXPECT_EQ(insecure_settings("[admin]\ninsecure_api = true\n[attestation_token]\n"
                              "insecure_key = true\n")
                .value(),
            "attestation_token.insecure_header_jwk and admin.authorization_mode");
}

TEST(KbsToml, that_cannot_be_read_is_not_taken_as_closed) {
  EXPECT_TRUE(insecure_settings("[admin").error().is(Errc::toml_malformed));
  EXPECT_TRUE(
      insecure_settings("[admin]\ntype = \"Other\"\n").error().is(Errc::configuration_invalid));
}

// The form that v0.17.0 wrote, by section 1.4 and C14 of the specification.
constexpr const char* kOldRestricted = "tests/vectors/kbs-config/v0.17.0-restricted.toml";

TEST(TomlMigration, of_v0_17_0_keeps_the_settings_and_has_no_old_form_left) {
  CASE("OP-80");
  const auto migrated = migrate_toml(file_text(kOldRestricted));
  ASSERT_TRUE(migrated.ok()) << migrated.error().to_string();
  EXPECT_TRUE(migrated->changed);
  const auto [kbs, warnings] = loaded(migrated->text);
  EXPECT_TRUE(warnings.empty()) << warnings.front();
  EXPECT_FALSE(kbs.http_server.insecure_http);
  EXPECT_EQ(kbs.http_server.private_key, "/etc/https-key/privateKey");
  EXPECT_FALSE(kbs.attestation_token.insecure_header_jwk);
  EXPECT_EQ(kbs.attestation_token.trusted_certs_paths,
            std::vector<std::string>{"/etc/attestation-cert/token.crt"});
  EXPECT_EQ(kbs.admin.mode, config::AdminMode::authenticated);
  ASSERT_EQ(kbs.admin.identity_providers.size(), 1U);
  EXPECT_EQ(kbs.admin.identity_providers[0].public_key_uri, "/etc/auth-secret/publicKey");
  EXPECT_EQ(kbs.admin.identity_providers[0].default_role, "admin");
  ASSERT_EQ(kbs.admin.acls.size(), 1U);
  EXPECT_EQ(kbs.admin.acls[0].role, "admin");
  EXPECT_EQ(kbs.attestation_service.broker.duration_min, 7);
  EXPECT_EQ(kbs.attestation_service.broker.signer->key_path, "/etc/attestation-key/token.key");
  EXPECT_EQ(kbs.attestation_service.rvps.storage_type, config::StorageType::local_json);
  EXPECT_EQ(kbs.storage.type, config::StorageType::local_fs);
  EXPECT_EQ(kbs.storage.local_fs_dir, "/opt/confidential-containers/storage");
  EXPECT_EQ(kbs.plugins.at(0).resource_backend, config::SecretBackend::kvstorage);
}

TEST(TomlMigration, follows_every_old_form_of_the_admin_table) {
  const auto mode = [](const std::string& admin) {
    const auto migrated = migrate_toml(
        admin + "[http_server]\ninsecure_http = true\n[attestation_token]\ninsecure_key = true\n");
    return loaded(migrated.value().text).config.admin.mode;
  };
  EXPECT_EQ(mode("[admin]\ntype = \"DenyAll\"\n"), config::AdminMode::deny_all);
  EXPECT_EQ(mode("[admin]\ntype = \"InsecureAllowAll\"\n"), config::AdminMode::insecure_allow_all);
  EXPECT_EQ(mode("[admin]\ninsecure_api = true\nauth_public_key = \"/k\"\n"),
            config::AdminMode::insecure_allow_all);
  EXPECT_EQ(mode("[admin]\ninsecure_api = false\n"), config::AdminMode::deny_all);
  EXPECT_EQ(mode(""), config::AdminMode::deny_all);
  EXPECT_EQ(mode("[admin]\ntype = \"Simple\"\n"
                 "personas = [{ id = \"root\", public_key_path = \"/k\" }]\n"),
            config::AdminMode::authenticated);
}

TEST(TomlMigration, leaves_todays_form_alone_to_the_byte) {
  const std::string text = "# mine\n" + render_kbs_toml({});
  const auto migrated = migrate_toml(text);
  EXPECT_FALSE(migrated->changed);
  EXPECT_EQ(migrated->text, text);
}

TEST(TomlMigration, refuses_an_old_form_without_equivalent) {
  const auto migrated = migrate_toml(
      "[admin]\nauth_public_key = \"/k\"\n[[plugins]]\nname = \"resource\"\ntype = \"Aliyun\"\n");
  ASSERT_FALSE(migrated.ok());
  EXPECT_FALSE(migrate_toml("[admin").ok());
}

}  // namespace
}  // namespace trustee::operators

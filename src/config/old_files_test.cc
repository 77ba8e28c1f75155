#include <gtest/gtest.h>

#include <algorithm>

#include "config/errors.h"
#include "config/load.h"
#include "tests/support/case.h"

namespace trustee::config {
namespace {

// The keys that operator.md lists of v0.17 (1.4, 3.5, 10.1 C14).
constexpr std::string_view kAdmin = "type = \"DenyAll\"";
std::string v0_17(std::string_view admin = kAdmin, std::string_view token = "insecure_key = true",
                  std::string_view more = "") {
  return "[http_server]\nsockets = [\"0.0.0.0:8080\"]\ninsecure_http = true\n[admin]\n" +
         std::string(admin) + "\n[attestation_token]\nattestation_token_type = \"CoCo\"\n" +
         std::string(token) + R"(
[attestation_service]
type = "coco_as_builtin"
work_dir = "/opt/confidential-containers/attestation-service"
policy_engine = "opa"
[attestation_service.attestation_token_broker]
type = "Ear"
policy_dir = "/opt/confidential-containers/attestation-service/policies"
[attestation_service.attestation_token_config]
duration_min = 5
[attestation_service.rvps_config]
type = "BuiltIn"
[attestation_service.rvps_config.storage]
type = "LocalJson"
file_path = "/opt/confidential-containers/rvps/reference-values/reference-values.json"
[[plugins]]
name = "resource"
type = "LocalFs"
dir_path = "/opt/confidential-containers/kbs/repository"
[policy_engine]
policy_path = "/opt/confidential-containers/opa/policy.rego"
)" + std::string(more);
}

Result<Loaded<Kbs>> load(std::string_view text) {
  auto root = parse_document(text, Format::toml);
  if (!root.ok()) return std::move(root).error();
  return load_kbs(*root);
}

std::size_t warnings_on(const Loaded<Kbs>& loaded, std::string_view key) {
  const std::string quoted = "`" + std::string(key) + "`";
  return static_cast<std::size_t>(
      std::count_if(loaded.warnings.begin(), loaded.warnings.end(), [&](const std::string& line) {
        return line.starts_with(quoted) && (line.find("; write ") != std::string::npos ||
                                            line.find("; delete ") != std::string::npos);
      }));
}

TEST(OldFiles, what_lay_in_places_of_its_own_is_read_there) {
  CASE("OP-80");
  const auto loaded = load(v0_17());
  ASSERT_TRUE(loaded.ok()) << loaded.error().to_string();
  const Kbs& kbs = loaded->config;
  EXPECT_EQ(kbs.admin.mode, AdminMode::deny_all);
  EXPECT_TRUE(kbs.attestation_token.insecure_header_jwk);
  EXPECT_EQ(kbs.old_places.resource_policy, "/opt/confidential-containers/opa/policy.rego");
  EXPECT_EQ(kbs.old_places.resources, "/opt/confidential-containers/kbs/repository");
  EXPECT_EQ(kbs.old_places.attestation_policies,
            "/opt/confidential-containers/attestation-service/policies/opa");
  EXPECT_EQ(kbs.old_places.references,
            "/opt/confidential-containers/rvps/reference-values/reference-values.json");
  ASSERT_EQ(kbs.plugins.size(), 1U);
  EXPECT_EQ(kbs.plugins[0].resource_backend, SecretBackend::kvstorage);
  EXPECT_TRUE(not_supported_yet(kbs).empty());
}

TEST(OldFiles, each_old_key_has_one_warning_that_says_what_to_write) {
  const auto loaded = load(v0_17());
  ASSERT_TRUE(loaded.ok());
  const std::vector<std::string_view> keys = {
      "admin.type",
      "attestation_token.insecure_key",
      "attestation_token.attestation_token_type",
      "attestation_service.work_dir",
      "attestation_service.policy_engine",
      "attestation_service.attestation_token_broker.type",
      "attestation_service.attestation_token_broker.policy_dir",
      "attestation_service.attestation_token_config",
      "attestation_service.rvps_config.storage",
      "plugins[0].type",
      "policy_engine.policy_path"};
  for (const auto key : keys) {
    EXPECT_EQ(warnings_on(*loaded, key), 1U) << key;
  }
  EXPECT_EQ(loaded->warnings.size(), keys.size());
}

TEST(OldFiles, insecure_settings_are_as_insecure_as_they_said) {
  const auto mode = [](std::string_view admin) { return load(v0_17(admin))->config.admin.mode; };
  EXPECT_EQ(mode("insecure_api = true"), AdminMode::insecure_allow_all);
  EXPECT_EQ(mode("insecure_api = true\nauth_public_key = \"/k\""), AdminMode::insecure_allow_all);
  EXPECT_EQ(mode("auth_public_key = \"/k\""), AdminMode::authenticated);
  EXPECT_EQ(mode("insecure_api = false\nauth_public_key = \"/k\""), AdminMode::authenticated);
  EXPECT_EQ(mode("type = \"DenyAll\"\ninsecure_api = true\nauth_public_key = \"/k\""),
            AdminMode::deny_all);
  EXPECT_EQ(mode("type = \"InsecureAllowAll\""), AdminMode::insecure_allow_all);
  const auto header = [](std::string_view token) {
    return load(v0_17(kAdmin, token))->config.attestation_token.insecure_header_jwk;
  };
  EXPECT_FALSE(header("insecure_key = false"));
  EXPECT_FALSE(header("trusted_certs_paths = [\"/etc/attestation-cert/token.crt\"]"));
  EXPECT_FALSE(header("insecure_key = true\ninsecure_header_jwk = false"))
      << "the newer key decides";
  EXPECT_TRUE(load(v0_17("insecure_api = false")).error().is(Errc::missing_key));
  EXPECT_TRUE(load(v0_17("")).error().is(Errc::missing_key));
}

TEST(OldFiles, with_the_new_admin_table_the_file_is_new_and_old_keys_do_nothing) {
  const auto is_new = [](std::string_view text) {
    std::string out(text);
    const std::string_view plugin = "type = \"LocalFs\"\ndir_path = ";
    out.replace(out.find(plugin), plugin.size(),
                "storage_backend_type = \"kvstorage\"\ndir_path = ");
    return out;
  };
  const auto loaded = load(is_new(v0_17("authorization_mode = \"DenyAll\"")));
  ASSERT_TRUE(loaded.ok()) << loaded.error().to_string();
  const Kbs& kbs = loaded->config;
  EXPECT_FALSE(kbs.attestation_token.insecure_header_jwk);
  EXPECT_EQ(kbs.old_places.resource_policy, std::nullopt);
  EXPECT_EQ(kbs.old_places.resources, std::nullopt);
  EXPECT_EQ(kbs.old_places.attestation_policies, std::nullopt);
  EXPECT_EQ(kbs.old_places.references, std::nullopt);
  for (const auto key : {"attestation_token.insecure_key", "policy_engine",
                         "attestation_service.rvps_config.storage",
                         "attestation_service.attestation_token_broker.policy_dir"}) {
    EXPECT_EQ(warnings_on(*loaded, key), 1U) << key;
  }
  EXPECT_TRUE(load(v0_17("authorization_mode = \"DenyAll\"")).error().is(Errc::missing_key))
      << "storage_backend_type is mandatory";
  EXPECT_TRUE(load(is_new(v0_17("authorization_mode = \"DenyAll\"\ninsecure_api = true")))
                  .error()
                  .is(Errc::unknown_key));
}

TEST(OldFiles, another_backend_of_resources_keeps_its_name) {
  std::string text = v0_17();
  const std::string_view plugin = "type = \"LocalFs\"\ndir_path = ";
  text.replace(text.find(plugin), plugin.size(), "type = \"Vault\"\nvault_url = ");
  const auto loaded = load(text);
  ASSERT_TRUE(loaded.ok()) << loaded.error().to_string();
  EXPECT_EQ(loaded->config.plugins[0].resource_backend, SecretBackend::vault);
  EXPECT_EQ(not_supported_yet(loaded->config),
            std::vector<std::string>{"plugins: resource on Vault"});
}

TEST(OldFiles, the_database_of_the_oldest_reference_values_is_not_read) {
  std::string text = v0_17();
  const std::string_view storage = "type = \"LocalJson\"";
  text.replace(text.find(storage), storage.size(), "type = \"LocalFs\"");
  const auto loaded = load(text);
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded->config.old_places.references, std::nullopt);
  EXPECT_TRUE(std::any_of(loaded->warnings.begin(), loaded->warnings.end(), [](const auto& line) {
    return line.find("register the values again") != std::string::npos;
  }));
}

TEST(OldFiles, the_directory_that_the_operator_writes_for_local_json_is_ignored_with_a_word) {
  const auto loaded = load(R"([http_server]
insecure_http = true
[admin]
authorization_mode = "DenyAll"
[storage_backend.backends.local_json]
dir_path = "/elsewhere"
)");
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded->config.storage.local_json_dir,
            "/opt/confidential-containers/storage/local_json");
  EXPECT_EQ(warnings_on(*loaded, "storage_backend.backends.local_json.dir_path"), 1U);
  EXPECT_EQ(loaded->warnings.size(), 1U);
}

}  // namespace
}  // namespace trustee::config

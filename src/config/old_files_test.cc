#include <gtest/gtest.h>

#include <algorithm>

#include "config/errors.h"
#include "config/load.h"
#include "tests/support/case.h"
#include "tests/support/file_bytes.h"

namespace trustee::config {
namespace {

// The keys that operator.md lists of v0.17 (1.4, 3.5, 10.1 C14).
constexpr const char* kFile = "tests/vectors/kbs-config/v0.17.0-permissive.toml";
constexpr std::string_view kAdmin = "type = \"DenyAll\"";
constexpr std::string_view kToken = "insecure_key = true";
constexpr std::string_view kPlugin = "type = \"LocalFs\"\ndir_path = ";
std::string v0_17(std::string_view admin = kAdmin, std::string_view token = kToken) {
  return replaced(replaced(file_text(kFile), kAdmin, admin), kToken, token);
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

constexpr std::string_view kMinimal = R"([http_server]
insecure_http = true
[admin]
type = "DenyAll"
)";
constexpr std::string_view kBrokerDir = "attestation_service.attestation_token_broker.policy_dir";

std::string minimal(std::string_view more) { return std::string(kMinimal) + std::string(more); }

TEST(OldFiles, without_a_table_of_the_policy_engine_the_policy_lies_where_the_release_had_it) {
  CASE("OP-80");
  for (const std::string_view more : {"", "[policy_engine]\n"}) {
    const auto loaded = load(minimal(more));
    ASSERT_TRUE(loaded.ok()) << loaded.error().to_string();
    EXPECT_EQ(loaded->config.old_places.resource_policy, std::nullopt);
    // v0.11 to v0.17, and before.
    EXPECT_EQ(loaded->config.old_places.usual_resource_policies,
              (std::vector<std::string>{"/opt/confidential-containers/kbs/policy.rego",
                                        "/opa/confidential-containers/kbs/policy.rego"}));
    EXPECT_EQ(warnings_on(*loaded, "policy_engine.policy_path"), 1U);
  }
  const auto named = load(minimal("[policy_engine]\npolicy_path = \"/p.rego\"\n"));
  EXPECT_EQ(named->config.old_places.resource_policy, "/p.rego");
  EXPECT_TRUE(named->config.old_places.usual_resource_policies.empty());
}

TEST(OldFiles, without_a_directory_of_the_broker_its_policies_lie_where_the_release_had_them) {
  const auto loaded = load(kMinimal);
  EXPECT_EQ(loaded->config.old_places.attestation_policies, std::nullopt);
  EXPECT_EQ(loaded->config.old_places.usual_attestation_policies,
            "/opt/confidential-containers/attestation-service/token/ear/policies/opa");
  EXPECT_EQ(warnings_on(*loaded, kBrokerDir), 1U);
  for (const std::string_view type : {"coco_as_grpc", "coco_as_builtin"}) {
    const auto other = load(minimal("[attestation_service]\ntype = \"" + std::string(type) +
                                    "\"\n[attestation_service.attestation_token_broker]\n"
                                    "type = \"Simple\"\n"));
    EXPECT_EQ(other->config.old_places.usual_attestation_policies, std::nullopt) << type;
    EXPECT_EQ(warnings_on(*other, kBrokerDir), 0U) << type;
  }
}

TEST(OldFiles, reference_values_that_no_table_names_lie_in_a_database_that_is_not_read) {
  const auto told = [](std::string_view more) {
    const auto loaded = load(minimal(more));
    return std::count_if(loaded->warnings.begin(), loaded->warnings.end(), [](const auto& line) {
      return line.find("register the reference values again") != std::string::npos;
    });
  };
  EXPECT_EQ(told(""), 1);
  EXPECT_EQ(told("[attestation_service]\ntype = \"coco_as_builtin\"\n"
                 "[attestation_service.rvps_config]\ntype = \"GrpcRemote\"\n"),
            0);
  EXPECT_EQ(told("[attestation_service]\ntype = \"coco_as_grpc\"\n"), 0);
}

TEST(OldFiles, with_the_unified_storage_everything_lies_in_it) {
  const auto unified = load(minimal("[storage_backend]\n"));
  ASSERT_TRUE(unified.ok()) << unified.error().to_string();
  EXPECT_TRUE(unified->config.old_places.usual_resource_policies.empty());
  EXPECT_EQ(unified->config.old_places.usual_attestation_policies, std::nullopt);
  EXPECT_EQ(unified->warnings.size(), 1U) << "of the admin table";
}

TEST(OldFiles, a_new_file_without_those_tables_has_nothing_anywhere_else) {
  const auto loaded =
      load("[http_server]\ninsecure_http = true\n[admin]\nauthorization_mode = \"DenyAll\"\n");
  EXPECT_TRUE(loaded->config.old_places.usual_resource_policies.empty());
  EXPECT_EQ(loaded->config.old_places.usual_attestation_policies, std::nullopt);
  EXPECT_TRUE(loaded->warnings.empty());
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
  const auto is_new = [](std::string text) {
    return replaced(std::move(text), kPlugin, "storage_backend_type = \"kvstorage\"\ndir_path = ");
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
  const auto loaded = load(replaced(v0_17(), kPlugin, "type = \"Vault\"\nvault_url = "));
  ASSERT_TRUE(loaded.ok()) << loaded.error().to_string();
  EXPECT_EQ(loaded->config.plugins[0].resource_backend, SecretBackend::vault);
  EXPECT_EQ(not_supported_yet(loaded->config),
            std::vector<std::string>{"plugins: resource on Vault"});
}

TEST(OldFiles, the_database_of_the_oldest_reference_values_is_not_read) {
  const auto loaded = load(replaced(v0_17(), "type = \"LocalJson\"", "type = \"LocalFs\""));
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

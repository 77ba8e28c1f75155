#include "operator/internal/not_in_force.h"

#include <string>
#include <string_view>

#include "operator/generated_text.h"
#include "operator/names.h"
#include "operator/object_tree.h"
#include "operator/toml_migration.h"

namespace trustee::operators::internal {
namespace {

std::string line(std::string_view key, std::string_view path) {
  return std::string(key) + " = \"" + std::string(path) + "\"";
}

Problem without_effect(std::string_view reason, const json::Object& config_map,
                       const std::string& what) {
  return {Aspect::configuration, Weight::degraded, std::string(reason),
          "ConfigMap " + name_of(config_map) + ": " + what +
              "; or delete it to have it generated again"};
}

std::string https_lines() {
  return "spec.httpsSpec has no effect while [http_server] says insecure_http = true; write "
         "insecure_http = false, " +
         line("private_key", kHttpsKeyPath) + " and " + line("certificate", kHttpsCertPath) +
         " there";
}

std::string signer_lines() {
  return "spec.attestationTokenVerificationSpec has no effect without a signer; write " +
         line("key_path", kTokenKeyPath) + " and " + line("cert_path", kTokenCertPath) +
         " into [attestation_service.attestation_token_broker.signer], trusted_certs_paths = [\"" +
         std::string(kTokenCertPath) + "\"] into [attestation_token]";
}

}  // namespace

std::vector<Problem> not_in_force(const json::Object& config_map, const KbsTomlFacts& facts) {
  const auto* text = config_entry(config_map, kTomlKey);
  if (text == nullptr || is_unedited(config_map, kTomlKey)) {
    return {};
  }
  const auto migrated = migrate_toml(*text);
  if (!migrated.ok()) {
    return {};  // the KbsConfig tells it
  }
  const auto& tree = migrated->tree;
  std::vector<Problem> problems;
  if (facts.tls && bool_at(tree, {"http_server", "insecure_http"}).value_or(false)) {
    problems.push_back(without_effect("HttpsNotInForce", config_map, https_lines()));
  }
  if (facts.token_key &&
      object_at(tree, {"attestation_service", "attestation_token_broker", "signer"}) == nullptr) {
    problems.push_back(without_effect("TokenKeyNotInForce", config_map, signer_lines()));
  }
  return problems;
}

}  // namespace trustee::operators::internal

#include "operator/kbs_toml.h"

#include <vector>

#include "base/try.h"
#include "codec/json.h"
#include "operator/names.h"
#include "operator/object_tree.h"
#include "operator/toml_migration.h"
#include "operator/toml_write.h"

namespace trustee::operators {
namespace {

json::Object http_server(const KbsTomlFacts& facts) {
  json::Object server{{"sockets", json::Array{"0.0.0.0:8080"}},
                      {"insecure_http", !facts.tls.has_value()}};
  if (facts.tls) {
    server.set("private_key", kHttpsKeyPath);
    server.set("certificate", kHttpsCertPath);
  }
  server.set("worker_count", 4);
  return server;
}

json::Object attestation_token(const KbsTomlFacts& facts) {
  json::Object token{{"insecure_header_jwk", !facts.restricted}};
  if (facts.token_key) {
    token.set("trusted_certs_paths", json::Array{kTokenCertPath});
  }
  return token;
}

json::Object attestation_service(const KbsTomlFacts& facts) {
  json::Object broker{{"duration_min", 5}};
  if (facts.token_key) {
    broker.set("signer", json::Object{{"key_path", kTokenKeyPath}, {"cert_path", kTokenCertPath}});
  }
  const json::Object snp{{"vcek_sources", json::Array{json::Object{{"type", "OfflineStore"}},
                                                      json::Object{{"type", "KDS"}}}}};
  const json::Object dcap{
      {"collateral_service", "https://api.trustedservices.intel.com/sgx/certification/v4/"}};
  return {{"type", "coco_as_builtin"},
          {"timeout", 5},
          {"attestation_token_broker", broker},
          {"rvps_config", json::Object{{"type", "BuiltIn"}, {"storage_type", "LocalJson"}}},
          {"verifier_config", json::Object{{"snp_verifier", snp}, {"dcap_verifier", dcap}}}};
}

json::Object storage_backend() {
  const std::string root(kStorageRoot);
  return {{"storage_type", "LocalFs"},
          {"backends",
           json::Object{{"local_fs", json::Object{{"dir_path", root}}},
                        {"local_json", json::Object{{"file_dir_path", root + "/local_json"}}}}}};
}

}  // namespace

std::string render_kbs_toml(const KbsTomlFacts& facts) {
  std::string text = write_toml({{"http_server", http_server(facts)}});
  if (facts.tls) {
    text += tls_block(*facts.tls);
  }
  const json::Object plugin{{"name", "resource"}, {"storage_backend_type", "kvstorage"}};
  return text + '\n' +
         write_toml({{"admin", json::Object{{"authorization_mode", "DenyAll"}}},
                     {"attestation_token", attestation_token(facts)},
                     {"attestation_service", attestation_service(facts)},
                     {"storage_backend", storage_backend()},
                     {"plugins", json::Array{plugin}}});
}

Result<std::string> insecure_settings(std::string_view text) {
  TRY(const auto migrated, migrate_toml(text));
  const auto& tree = migrated.tree;
  std::vector<std::string> open;
  if (bool_at(tree, {"http_server", "insecure_http"}).value_or(false)) {
    open.emplace_back("http_server.insecure_http");
  }
  if (bool_at(tree, {"attestation_token", "insecure_header_jwk"}).value_or(false)) {
    open.emplace_back("attestation_token.insecure_header_jwk");
  }
  if (text_at(tree, {"admin", "authorization_mode"}) == "InsecureAllowAll") {
    open.emplace_back("admin.authorization_mode");
  }
  std::string named;
  for (std::size_t i = 0; i < open.size(); ++i) {
    named += (i == 0 ? "" : i + 1 == open.size() ? " and " : ", ") + open[i];
  }
  return named;
}

}  // namespace trustee::operators

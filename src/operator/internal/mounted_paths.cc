#include "operator/internal/mounted_paths.h"

#include <algorithm>
#include <string>

#include "operator/object_tree.h"
#include "operator/pod_volumes.h"
#include "toml/toml.h"

namespace trustee::operators::internal {
namespace {

std::vector<std::string> named_files(const json::Object& tree, bool microservices) {
  std::vector<std::string> files = texts_at(tree, {"attestation_token", "trusted_certs_paths"});
  if (!bool_at(tree, {"http_server", "insecure_http"}).value_or(false)) {
    files.push_back(text_at(tree, {"http_server", "private_key"}));
    files.push_back(text_at(tree, {"http_server", "certificate"}));
  }
  if (!microservices) {
    for (const std::string_view file : {"key_path", "cert_path"}) {
      files.push_back(
          text_at(tree, {"attestation_service", "attestation_token_broker", "signer", file}));
    }
  }
  return files;
}

bool any_below(const std::vector<std::string>& files, std::string_view directory) {
  return std::ranges::any_of(files,
                             [directory](const auto& f) { return f.starts_with(directory); });
}

Problem unmounted(std::string_view reason, std::string_view directory, std::string_view fields) {
  return {Aspect::secrets, Weight::blocking, std::string(reason),
          "the configuration names files below " + std::string(directory) + " but " +
              std::string(fields) + " are not both set"};
}

}  // namespace

bool speaks_tls(std::string_view text) {
  const auto tree = toml::parse(text, toml::Foreign::plain);
  return tree.ok() && !bool_at(*tree, {"http_server", "insecure_http"}).value_or(false);
}

std::vector<Problem> unmounted_paths(std::string_view text, const json::Object& kc,
                                     bool microservices) {
  std::vector<Problem> problems;
  const auto tree = toml::parse(text, toml::Foreign::plain);
  if (!tree.ok()) {
    return problems;  // told where the text came from
  }
  const auto files = named_files(*tree, microservices);
  if (any_below(files, "/etc/https-") &&
      !has_pair(kc, "kbsHttpsKeySecretName", "kbsHttpsCertSecretName")) {
    problems.push_back(unmounted("HttpsSecretNotNamed", "/etc/https-key and /etc/https-cert",
                                 "kbsHttpsKeySecretName and kbsHttpsCertSecretName"));
  }
  if (any_below(files, "/etc/attestation-") &&
      !has_pair(kc, "kbsAttestationKeySecretName", "kbsAttestationCertSecretName")) {
    problems.push_back(unmounted("AttestationSecretNotNamed",
                                 "/etc/attestation-key and /etc/attestation-cert",
                                 "kbsAttestationKeySecretName and kbsAttestationCertSecretName"));
  }
  return problems;
}

}  // namespace trustee::operators::internal

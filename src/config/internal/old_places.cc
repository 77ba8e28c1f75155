#include "config/internal/sections.h"

namespace trustee::config::internal {
namespace {

// Source: DEFAULT_POLICY_PATH of the released KBS from v0.11 on, and before; DEFAULT_POLICY_DIR of
// its EAR broker; FILE_PATH of its RVPS's LocalFs, which keeps a database of sled.
constexpr std::string_view kResourcePolicy = "/opt/confidential-containers/kbs/policy.rego";
constexpr std::string_view kEarlierResourcePolicy = "/opa/confidential-containers/kbs/policy.rego";
constexpr std::string_view kAttestationPolicies =
    "/opt/confidential-containers/attestation-service/token/ear/policies/opa";

constexpr std::string_view kBroker = "/attestation_service/attestation_token_broker";
constexpr std::string_view kRvps = "/attestation_service/rvps_config";

bool has(const json::Value& root, std::string_view table, std::string_view key) {
  return root.at_pointer(std::string(table) + "/" + std::string(key)) != nullptr;
}

void assume_resource_policy(OldPlaces& places, Report& report) {
  if (places.resource_policy) return;
  places.usual_resource_policies = {std::string(kResourcePolicy),
                                    std::string(kEarlierResourcePolicy)};
  report.assumed("policy_engine.policy_path",
                 "the resource policy is " + std::string(kResourcePolicy) +
                     " or, where nothing lies there, " + std::string(kEarlierResourcePolicy) +
                     ", and without either nobody gets anything",
                 "the policy", "kbs/resource-policy.rego");
}

// The policies of the `Simple` broker say nothing that an EAR could carry.
void assume_attestation_policies(const json::Value& root, OldPlaces& places, Report& report) {
  const json::Value* type = root.at_pointer(std::string(kBroker) + "/type");
  const std::string* name = type == nullptr ? nullptr : type->as_string();
  if (places.attestation_policies || (name != nullptr && *name == "Simple")) return;
  places.usual_attestation_policies = std::string(kAttestationPolicies);
  report.assumed("attestation_service.attestation_token_broker.policy_dir",
                 "attestation policies lie in " + std::string(kAttestationPolicies) +
                     " if there is such a directory",
                 "the policies", "attestation_service_policy/");
}

void note_reference_values(const json::Value& root, Report& report) {
  for (const std::string_view key : {"storage", "store_type", "storage_type"}) {
    if (has(root, kRvps, key)) return;
  }
  report.warnings.push_back(
      "`attestation_service.rvps_config.storage` is absent from this old file: register the "
      "reference values again, their old database cannot be read");
}

}  // namespace

void assume_old_places(const json::Value& root, Kbs& kbs, Report& report) {
  // With the unified storage the file is of a release that kept everything in it.
  if (!report.old_file || root.at_pointer("/storage_backend") != nullptr) return;
  assume_resource_policy(kbs.old_places, report);
  if (kbs.attestation_service.backend != AttestationBackend::coco_as_builtin) return;
  assume_attestation_policies(root, kbs.old_places, report);
  if (!kbs.attestation_service.rvps.remote) note_reference_values(root, report);
}

}  // namespace trustee::config::internal

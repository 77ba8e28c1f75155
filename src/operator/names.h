#pragma once

#include <string>
#include <string_view>

// The names of operator specification, section 2. Users and documents rely on them.

namespace trustee::operators {

inline constexpr std::string_view kApiVersion = "confidentialcontainers.org/v1alpha1";
inline constexpr std::string_view kTrusteeConfig = "TrusteeConfig";
inline constexpr std::string_view kKbsConfig = "KbsConfig";
inline constexpr std::string_view kFinalizer = "kbsconfig.confidentialcontainers.org/finalizer";
inline constexpr std::string_view kDeployment = "trustee-deployment";
inline constexpr std::string_view kService = "kbs-service";
inline constexpr std::string_view kVersionsAnnotation =
    "kbs.confidentialcontainers.org/configmap-versions";
/// Ours: SHA-256 of the content that the operator generated, so that an unedited text is known.
inline constexpr std::string_view kGeneratedAnnotation =
    "kbs.confidentialcontainers.org/generated-sha256";
/// Ours: the values that the operator generated last into a KbsConfig, so that edits are known.
inline constexpr std::string_view kGeneratedSpecAnnotation =
    "kbs.confidentialcontainers.org/generated-spec";

inline constexpr std::string_view kStorageRoot = "/opt/confidential-containers/storage";

inline constexpr std::string_view kTomlKey = "kbs-config.toml";
inline constexpr std::string_view kResourcePolicyKey = "resource-policy.rego";
inline constexpr std::string_view kOldResourcePolicyKey = "policy.rego";
inline constexpr std::string_view kCpuPolicyKey = "default_cpu.rego";
inline constexpr std::string_view kGpuPolicyKey = "default_gpu.rego";
inline constexpr std::string_view kReferenceValuesKey = "reference_value";
inline constexpr std::string_view kOldReferenceValuesKey = "reference-values.json";
inline constexpr std::string_view kTdxKey = "sgx_default_qcnl.conf";

/// Names of what a TrusteeConfig makes.
struct TrusteeNames {
  explicit TrusteeNames(std::string_view tc) : tc_(tc) {}
  std::string kbs_config() const { return tc_ + "-kbs-config"; }
  std::string auth_secret() const { return tc_ + "-auth-secret"; }
  std::string resource_policy() const { return tc_ + "-resource-policy"; }
  std::string reference_values() const { return tc_ + "-rvps-reference-values"; }
  std::string cpu_policy() const { return tc_ + "-attestation-policy-cpu"; }
  std::string gpu_policy() const { return tc_ + "-attestation-policy-gpu"; }
  std::string old_cpu_policy() const { return tc_ + "-attestation-policy"; }  ///< C5
  std::string tdx_config() const { return tc_ + "-tdx-config"; }              ///< C6
  std::string https_key() const { return tc_ + "-https-key-secret"; }
  std::string https_cert() const { return tc_ + "-https-cert-secret"; }
  std::string attestation_key() const { return tc_ + "-attestation-key-secret"; }
  std::string attestation_cert() const { return tc_ + "-attestation-cert-secret"; }
  std::string ibm_claim() const { return tc_ + "-ibmse-certstore-pvc"; }

 private:
  std::string tc_;
};

/// Ours: names of what a KbsConfig makes besides the Deployment and the Service.
inline std::string effective_name(std::string_view kc) { return std::string(kc) + "-effective"; }
inline std::string session_keys_name(std::string_view kc) {
  return std::string(kc) + "-session-keys";
}

}  // namespace trustee::operators

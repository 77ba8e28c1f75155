#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "appraise/evaluate.h"
#include "appraise/signer.h"
#include "base/clock.h"
#include "base/result.h"
#include "claims/claim_set.h"

namespace trustee::appraise {

/// Whether a submodule names, besides the base id, the policy that was really evaluated.
enum class PolicyReference : std::uint8_t {
  base_id,  ///< as the released system
  exact,    ///< adds `ear.trustee.policy`: `{"id":"default_cpu","sha384":"…"}`
};

/// What every token of this service says of the service.
struct EarSettings {
  std::int64_t duration_min = 5;  ///< minutes; zero and less make tokens that are born expired
  std::string issuer = "CoCo-Attestation-Service";
  std::string developer = "https://confidentialcontainers.org";
  std::string build = "attestation-service 0.1.0";
  std::string profile = "tag:github.com,2024:confidential-containers/Trustee";
  PolicyReference policy_reference = PolicyReference::base_id;
};

/// Profile, developer and build must not be empty, the duration not absurd: checked at start, so
/// that no request finds out. Errors: token_setting_empty, token_expiration_overflow.
Result<void> check_settings(const EarSettings& settings);

/// One appraised claim set.
struct Submodule {
  std::string name;  ///< `cpu0`, see SubmoduleNames
  Appraisal appraisal;
  std::string annotated_evidence;  ///< JSON text of an object, goes into the token as it is
};

/// Names submodules: the class and an index counted per class, in the order of asking.
class SubmoduleNames {
 public:
  std::string next(claims::TeeClass tee_class);

 private:
  std::vector<std::size_t> counts_;
};

/// The payload of the token.
/// Shape   `eat_profile`, `iat`, `ear.verifier-id`, `submods` (members in byte order of their
/// names),
///         `exp`, `iss`; in a submodule `ear.status`, `ear.trustworthiness-vector`,
///         `ear.appraisal-policy-id` (`base_policy_id`), `ear.veraison.annotated-evidence`, then
///         the policy's extensions by name, without those whose value is null.
/// Errors  token_without_submodules, token_setting_empty, token_expiration_overflow.
/// Source  attestation-service specification, sections 10.2 to 10.5.
Result<std::string> ear_payload(const EarSettings& settings, std::string_view base_policy_id,
                                std::span<const Submodule> submodules, Time now);

/// Signs the payload. Cost: one P-256 signature.
Result<std::string> issue_ear(const EarSettings& settings, const TokenSigner& signer,
                              std::string_view base_policy_id,
                              std::span<const Submodule> submodules, Time now);

}  // namespace trustee::appraise

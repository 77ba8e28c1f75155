#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "appraise/ear.h"
#include "appraise/policy.h"
#include "appraise/signer.h"
#include "authz/admin.h"
#include "authz/resource_policy.h"
#include "authz/session_cookie.h"
#include "authz/token_trust.h"
#include "rego/reference_set.h"
#include "tee/tee.h"

namespace trustee::world {

/// Everything a request depends on, as of one moment. Each part is immutable and shared; a change
/// makes a new World with one part replaced and the next generation number. Taken once per request
/// in serve/, which hands every function the values it needs.
struct World {
  std::uint64_t generation = 1;
  std::shared_ptr<const appraise::PolicySet> attestation_policies;
  std::shared_ptr<const rego::ReferenceSet> references;
  std::shared_ptr<const appraise::SignerRing> signers;
  std::shared_ptr<const authz::TokenTrust> token_trust;
  std::shared_ptr<const authz::AdminAuthority> admin;
  std::shared_ptr<const authz::CookieKeyRing> cookie_keys;
  std::shared_ptr<const tee::Trust> trust;  ///< of the verification of evidence
  /// Null when the stored policy was never usable: every access is then denied (fail closed).
  std::shared_ptr<const authz::ResourcePolicy> resource_policy;
  /// Why this world is not ready to serve; empty when it is. `/readyz` tells.
  std::string not_ready;
};

}  // namespace trustee::world

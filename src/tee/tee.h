#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "amd/cache.h"
#include "amd/crl.h"
#include "amd/roots.h"
#include "azure/vtpm.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "claims/claim_set.h"
#include "claims/expected.h"
#include "intel/cache.h"
#include "intel/collateral.h"
#include "intel/needs.h"
#include "intel/root.h"
#include "rcar/tee.h"
#include "snp/needs.h"
#include "snp/verify.h"
#include "tpm_evidence/verify.h"

namespace trustee::tee {

/// What all verification relies on: anchors and the operator's decisions. Immutable; a snapshot.
struct Trust {
  amd::RootSet amd_roots;
  snp::Policy snp;
  /// Adds the members that say how far endorsements were checked (snp::verification_claims).
  bool verification_claims = false;
  intel::RootKey intel_root = intel::RootKey::built_in();
  tpm_evidence::Policy tpm{};
  azure::Policy azure{};  ///< for both Azure TEEs
};

/// Proofs that outlive a request. Safe from many threads.
struct Caches {
  amd::VekCache vek;
  intel::PckCache pck;
};

/// What was fetched so far for one item of evidence.
struct Collateral {
  std::optional<ByteVec> vcek;
  std::optional<amd::ArkCrl> amd_crl;
  intel::VerifiedCollateral intel;  ///< null: not at hand
};

/// What one item of evidence still lacks, by its TEE. Fetch it, add it to the Collateral, evaluate
/// again.
using Needs = std::variant<snp::Needs, intel::Needs>;

/// The claims of the devices that one item of evidence speaks of, or what is missing.
using Outcome = std::variant<std::vector<claims::ClaimSet>, Needs>;

/// One item of evidence and all that decides on it. Lifetime: references and views, for the call.
struct Item {
  std::string_view evidence;  ///< JSON text as received
  claims::Expected expected;
  const Collateral& collateral;
  const Trust& trust;
  Caches& caches;
  Time now;
};

/// One row of the table: a TEE with a verifier here.
struct Kind {
  rcar::Tee tee;
  rcar::TeeClass tee_class;  ///< of its claims; of the first where there are several
  Result<Outcome> (*evaluate)(const Item&);
};

/// The table: every TEE that is verified here, once.
std::span<const Kind> kinds();

/// Verifies one item of evidence of `tee`: a pure function of the item.
/// Errors  not_supported, and those of the TEE's module.
Result<Outcome> evaluate(rcar::Tee tee, const Item& item);

/// What is added to a challenge for `tee`; empty for all that are supported so far.
/// Errors  not_supported.
Result<std::string> supplemental_challenge(rcar::Tee tee, std::string_view parameters);

/// Upstream's words for a failed evaluation, for the text after "Verifier evaluate failed: "; where
/// upstream has none, the code's own sentence.
std::string upstream_text(const Error& error);

}  // namespace trustee::tee

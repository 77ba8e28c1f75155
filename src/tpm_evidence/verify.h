#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/result.h"
#include "claims/claim_set.h"
#include "claims/expected.h"
#include "claims/verified.h"
#include "tpm_evidence/ak_store.h"
#include "tpm_evidence/evidence.h"

namespace trustee::tpm_evidence {

/// Which attestation keys are believed to be a TPM's.
enum class AkTrust : std::uint8_t {
  any,     ///< as upstream: a policy has to compare the claim `ak_public`
  listed,  ///< those of the store
};

/// What the operator decides. With `any` the store is not looked at.
struct Policy {
  AkTrust ak_trust = AkTrust::any;
  AkStore trusted_aks;
};

/// Evidence whose every rule was checked.
struct Attested {
  std::string ak_public;
  tpm::Pcrs pcrs{};
  ByteVec nonce;
  AkTrust ak_trust = AkTrust::any;  ///< what was enforced
};

/// Verifies TPM evidence; the first rule that fails is returned: format, key strength, signature,
/// PCR selection, PCR digest, trust in the key, nonce, init data.
/// Errors  ak_not_trusted; tpm::*.
/// Source  verifiers specification 10.      Cost  one RSA or ECDSA verification.
Result<claims::Verified<Attested>> verify(const Evidence& evidence,
                                          const claims::Expected& expected, const Policy& policy);

/// The operator trusts the key, where the policy asks for that. Errors: ak_not_trusted.
Result<void> check_ak_trust(const crypto::PublicKey& ak, const Policy& policy);

/// The claims under upstream's names: `ak_public`, `init_data` (PCR 8), `report_data` (the nonce),
/// `pcr00` to `pcr23`.
claims::ClaimSet claims_of(const claims::Verified<Attested>& attested);

/// What upstream has no claim for: `ak_trust`, "any" or "listed".
json::Object verification_claims(const claims::Verified<Attested>& attested);

/// Upstream's words for a failed rule; nothing where upstream has no such rule.
std::optional<std::string_view> upstream_text(const Code& code);

}  // namespace trustee::tpm_evidence

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "codec/json.h"

namespace trustee::appraise {

/// The trustworthiness claims of AR4SI in the order of their CBOR keys.
/// Source  draft-ietf-rats-ar4si; attestation-service specification, section 9.
enum class TrustClaim : std::uint8_t {
  instance_identity,
  configuration,
  executables,
  file_system,
  hardware,
  runtime_opaque,
  storage_opaque,
  sourced_data,
};
inline constexpr std::size_t kTrustClaims = 8;
inline constexpr std::array<TrustClaim, kTrustClaims> kAllTrustClaims{
    TrustClaim::instance_identity, TrustClaim::configuration, TrustClaim::executables,
    TrustClaim::file_system,       TrustClaim::hardware,      TrustClaim::runtime_opaque,
    TrustClaim::storage_opaque,    TrustClaim::sourced_data};

/// The wire name, e.g. `file-system`.
std::string_view to_string(TrustClaim claim);
std::optional<TrustClaim> trust_claim_from_name(std::string_view name);

/// What a value says, worst last.
enum class Tier : std::uint8_t { none, affirming, warning, contraindicated };
std::string_view to_string(Tier tier);
Tier tier_of(std::int8_t value);

/// What AR4SI calls `value` of `claim`, e.g. `unrecognized run-time content`; empty when it has no
/// name for it.
std::string_view meaning(TrustClaim claim, std::int8_t value);

/// The trustworthiness vector: the claims that were set.
class TrustVector {
 public:
  std::optional<std::int8_t> get(TrustClaim claim) const {
    return values_[static_cast<std::size_t>(claim)];
  }
  void set(TrustClaim claim, std::int8_t value) {
    values_[static_cast<std::size_t>(claim)] = value;
  }
  /// The tier of one claim; `none` when unset.
  Tier tier(TrustClaim claim) const;
  /// The worst tier over all claims: `ear.status`.
  Tier status() const;
  /// The claims that are set, in their order.
  json::Object to_json() const;

  /// Every claim at 0: what a policy without `trust_claims` says.
  static TrustVector all_zero();

  friend bool operator==(const TrustVector&, const TrustVector&) = default;

 private:
  std::array<std::optional<std::int8_t>, kTrustClaims> values_{};
};

/// Reads the value of `data.policy.trust_claims`.
/// Errors  trust_claims_not_object, trust_claims_empty, trust_claim_unknown,
/// trust_claim_not_number,
///         trust_claim_out_of_range; the detail names the claim.
Result<TrustVector> trust_vector_of(const json::Value& trust_claims);

}  // namespace trustee::appraise

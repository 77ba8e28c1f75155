#include "appraise/trust_vector.h"

#include "appraise/errors.h"
#include "base/try.h"

namespace trustee::appraise {

namespace {

constexpr std::array<std::string_view, kTrustClaims> kNames{
    "instance-identity", "configuration",  "executables",    "file-system",
    "hardware",          "runtime-opaque", "storage-opaque", "sourced-data"};

struct Meaning {
  TrustClaim claim;
  std::int8_t value;
  std::string_view text;
};

using enum TrustClaim;

// The texts are AR4SI's.
constexpr Meaning kMeanings[] = {
    {instance_identity, 2, "recognized and trustworthy instance"},
    {instance_identity, 96, "recognized but not trustworthy instance"},
    {instance_identity, 97, "unrecognized instance"},
    {configuration, 2, "approved configuration"},
    {configuration, 3, "no known vulnerabilities in the configuration"},
    {configuration, 32, "known vulnerabilities in the configuration"},
    {configuration, 36, "relevant elements of the configuration are unavailable"},
    {configuration, 96, "unsupportable configuration"},
    {executables, 2, "approved boot and run-time executables"},
    {executables, 3, "approved boot executables"},
    {executables, 32, "recognized but unsafe executables"},
    {executables, 33, "unrecognized run-time content"},
    {executables, 96, "contraindicated executables"},
    {file_system, 2, "approved files"},
    {file_system, 32, "unrecognized files"},
    {file_system, 96, "contraindicated files"},
    {hardware, 2, "genuine hardware"},
    {hardware, 32, "genuine but unsafe hardware"},
    {hardware, 96, "contraindicated hardware"},
    {hardware, 97, "unrecognized hardware"},
    {runtime_opaque, 2, "encrypted memory"},
    {runtime_opaque, 32, "isolated memory"},
    {runtime_opaque, 96, "memory is visible"},
    {storage_opaque, 2, "secrets under hardware-backed keys"},
    {storage_opaque, 32, "secrets under software keys"},
    {storage_opaque, 96, "secrets are not encrypted"},
    {sourced_data, 2, "trusted sources of data"},
    {sourced_data, 32, "untrusted sources of data"},
    {sourced_data, 96, "contraindicated sources of data"},
};

std::string_view common_meaning(std::int8_t value) {
  switch (value) {
    case -1:
      return "verifier malfunction";
    case 0:
      return "no claim";
    case 1:
      return "unexpected evidence";
    case 99:
      return "cryptographic validation failed";
    default:
      return {};
  }
}

}  // namespace

std::string_view to_string(TrustClaim claim) { return kNames[static_cast<std::size_t>(claim)]; }

std::optional<TrustClaim> trust_claim_from_name(std::string_view name) {
  for (const TrustClaim claim : kAllTrustClaims) {
    if (to_string(claim) == name) return claim;
  }
  return std::nullopt;
}

std::string_view to_string(Tier tier) {
  switch (tier) {
    case Tier::none:
      return "none";
    case Tier::affirming:
      return "affirming";
    case Tier::warning:
      return "warning";
    case Tier::contraindicated:
      return "contraindicated";
  }
  return {};
}

Tier tier_of(std::int8_t value) {
  if (value >= -1 && value <= 1) return Tier::none;
  if (value >= -32 && value <= 31) return Tier::affirming;
  if (value >= -96 && value <= 95) return Tier::warning;
  return Tier::contraindicated;
}

std::string_view meaning(TrustClaim claim, std::int8_t value) {
  for (const Meaning& m : kMeanings) {
    if (m.claim == claim && m.value == value) return m.text;
  }
  return common_meaning(value);
}

Tier TrustVector::tier(TrustClaim claim) const {
  const auto value = get(claim);
  return value.has_value() ? tier_of(*value) : Tier::none;
}

Tier TrustVector::status() const {
  Tier worst = Tier::none;
  for (const TrustClaim claim : kAllTrustClaims) {
    worst = std::max(worst, tier(claim));
  }
  return worst;
}

json::Object TrustVector::to_json() const {
  json::Object out;
  for (const TrustClaim claim : kAllTrustClaims) {
    if (const auto value = get(claim); value.has_value()) {
      out.append(std::string(to_string(claim)), static_cast<std::int64_t>(*value));
    }
  }
  return out;
}

TrustVector TrustVector::all_zero() {
  TrustVector out;
  for (const TrustClaim claim : kAllTrustClaims) {
    out.set(claim, 0);
  }
  return out;
}

namespace {

Result<std::int8_t> trust_value_of(const json::Member& member) {
  const json::Number* number = member.value.as_number();
  if (number == nullptr || !number->is_integer()) {
    return Error(Errc::trust_claim_not_number, "`" + member.name + "`");
  }
  const auto value = number->as_i64();
  if (!value.has_value() || *value < INT8_MIN || *value > INT8_MAX) {
    return Error(Errc::trust_claim_out_of_range, "`" + member.name + "` is " + number->text());
  }
  return static_cast<std::int8_t>(*value);
}

}  // namespace

Result<TrustVector> trust_vector_of(const json::Value& trust_claims) {
  const json::Object* object = trust_claims.as_object();
  if (object == nullptr) return Error(Errc::trust_claims_not_object);
  if (object->empty()) return Error(Errc::trust_claims_empty);
  TrustVector out;
  for (const json::Member& member : *object) {
    const auto claim = trust_claim_from_name(member.name);
    if (!claim.has_value()) return Error(Errc::trust_claim_unknown, "`" + member.name + "`");
    TRY(const std::int8_t value, trust_value_of(member));
    out.set(*claim, value);
  }
  return out;
}

}  // namespace trustee::appraise

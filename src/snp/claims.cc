#include "snp/claims.h"

#include "codec/hex.h"

namespace trustee::snp {

namespace {

json::Value number(std::uint64_t n) { return json::Number(n); }
json::Value hex(Bytes b) { return codec::hex_encode(b); }

}  // namespace

claims::ClaimSet claims_of(const claims::Verified<Attested>& attested) {
  const Report& r = attested->report;
  json::Object claims{
      // Policy: [7:0] ABI_MINOR, [15:8] ABI_MAJOR.
      {"policy_abi_major", number((r.policy >> 8U) & 0xFFU)},
      {"policy_abi_minor", number(r.policy & 0xFFU)},
      {"policy_smt_allowed", (r.policy & kPolicySmt) != 0},
      {"policy_migrate_ma", (r.policy & kPolicyMigrateMa) != 0},
      {"policy_debug_allowed", (r.policy & kPolicyDebug) != 0},
      {"policy_single_socket", (r.policy & kPolicySingleSocket) != 0},
      {"reported_tcb_bootloader", number(r.reported_tcb.bootloader)},
      {"reported_tcb_tee", number(r.reported_tcb.tee)},
      {"reported_tcb_snp", number(r.reported_tcb.snp)},
      {"reported_tcb_microcode", number(r.reported_tcb.microcode)},
      {"platform_tsme_enabled", (r.platform_info & kPlatformTsme) != 0},
      {"platform_smt_enabled", (r.platform_info & kPlatformSmt) != 0},
      {"measurement", hex(r.measurement)},
      {"report_data", hex(r.report_data)},
      {"init_data", hex(r.host_data)},
      {"chip_id", hex(r.chip_id)},
  };
  return {std::move(claims), claims::TeeClass::cpu};
}

json::Object verification_claims(const claims::Verified<Attested>& attested) {
  const Policy& policy = attested->policy;
  return json::Object{
      {"endorsement_key", amd::to_string(attested->vek_kind)},
      {"endorsement_dates_checked", policy.dates == amd::ValidityDates::enforced},
      {"endorsement_revocation_checked", policy.revocation == amd::Revocation::required},
  };
}

}  // namespace trustee::snp

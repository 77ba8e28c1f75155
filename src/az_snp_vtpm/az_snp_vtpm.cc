#include "az_snp_vtpm/az_snp_vtpm.h"

#include <utility>

#include "azure/hcl_report.h"
#include "base/try.h"
#include "codec/base64.h"
#include "snp/claims.h"
#include "snp/format.h"

namespace trustee::claims {

template <>
struct VerifierOf<az_snp_vtpm::Attested> {
  static Verified<az_snp_vtpm::Attested> seal(az_snp_vtpm::Attested a) {
    return Verified(std::move(a));
  }
};

}  // namespace trustee::claims

namespace trustee::az_snp_vtpm {

namespace {

/// A number or boolean as the text that upstream writes; anything else as it is.
json::Value as_text_claim(const json::Value& value) {
  if (const bool* b = value.as_bool(); b != nullptr) return *b ? "true" : "false";
  if (const json::Number* n = value.as_number(); n != nullptr) return n->text();
  return value;
}

}  // namespace

Result<azure::Evidence> parse_evidence(std::string_view json) {
  return azure::parse_evidence(json, azure::kSnpMembers);
}

Result<Outcome> verify(const azure::Evidence& evidence, const claims::Expected& expected,
                       const snp::Endorsements& endorsements, const azure::Policy& azure_policy,
                       const snp::Policy& snp_policy, Time now) {
  TRY(const azure::VtpmPart vtpm,
      azure::check_vtpm(evidence, expected, azure::Hardware::snp, azure_policy));
  TRY(snp::Report report, snp::parse_report(vtpm.hcl.hardware_report));
  TRY_VOID(azure::check_variable_data(vtpm.hcl, report.report_data));
  TRY_VOID(azure::check_user_data(evidence, vtpm.variable, expected));
  TRY_VOID(azure::check_init_data(evidence, expected));
  snp::Policy policy = snp_policy;
  policy.dates = amd::ValidityDates::enforced;
  TRY(auto outcome,
      snp::verify_report(std::move(report), evidence.endorsement, endorsements, policy, now));
  if (auto* needs = std::get_if<snp::Needs>(&outcome); needs != nullptr) {
    return Outcome(std::move(*needs));
  }
  return Outcome(claims::VerifierOf<Attested>::seal(Attested{
      std::move(*std::get_if<0>(&outcome)), evidence.quote.pcrs, to_vec(vtpm.quote.extra_data)}));
}

claims::ClaimSet claims_of(const claims::Verified<Attested>& attested) {
  json::Object claims;
  for (const json::Member& m : snp::claims_of(attested->snp).claims) {
    if (m.name == "chip_id") continue;
    claims.append(m.name, as_text_claim(m.value));
  }
  claims.set("measurement", codec::base64_encode(attested->snp->report.measurement));
  azure::add_vtpm_claims(claims, attested->pcrs, attested->nonce);
  return {std::move(claims), claims::TeeClass::cpu};
}

}  // namespace trustee::az_snp_vtpm

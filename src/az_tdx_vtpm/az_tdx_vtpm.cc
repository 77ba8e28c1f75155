#include "az_tdx_vtpm/az_tdx_vtpm.h"

#include <utility>

#include "azure/hcl_report.h"
#include "base/try.h"
#include "intel/quote.h"
#include "tdx/claims.h"
#include "tdx/td_report.h"

namespace trustee::claims {

template <>
struct VerifierOf<az_tdx_vtpm::Attested> {
  static Verified<az_tdx_vtpm::Attested> seal(az_tdx_vtpm::Attested a) {
    return Verified(std::move(a));
  }
};

}  // namespace trustee::claims

namespace trustee::az_tdx_vtpm {

Result<azure::Evidence> parse_evidence(std::string_view json) {
  return azure::parse_evidence(json, azure::kTdxMembers);
}

Result<void> check_td_report(const azure::HclReport& hcl, const intel::TdReport10& quoted) {
  TRY(const intel::TdReport10 report,
      tdx::parse_td_report(hcl.hardware_report.first(tdx::kTdReportSize)));
  return tdx::check_td_report(report, quoted);
}

Result<Outcome> verify(const azure::Evidence& evidence, const claims::Expected& expected,
                       const intel::Means& means, const azure::Policy& policy, Time now) {
  TRY(const azure::VtpmPart vtpm,
      azure::check_vtpm(evidence, expected, azure::Hardware::tdx, policy));
  TRY(const intel::Quote quote, intel::parse_quote(evidence.endorsement));
  TRY(const intel::TdReport10* report, tdx::td_report_of(quote));
  TRY_VOID(azure::check_variable_data(vtpm.hcl, report->report_data));
  TRY_VOID(azure::check_user_data(evidence, vtpm.variable, expected));
  TRY_VOID(azure::check_init_data(evidence, expected));
  TRY_VOID(check_td_report(vtpm.hcl, *report));
  TRY(auto outcome, tdx::verify_quote(quote, {}, means, now));
  if (auto* needs = std::get_if<intel::Needs>(&outcome); needs != nullptr) {
    return Outcome(std::move(*needs));
  }
  return Outcome(claims::VerifierOf<Attested>::seal(Attested{
      std::move(*std::get_if<0>(&outcome)), evidence.quote.pcrs, to_vec(vtpm.quote.extra_data)}));
}

claims::ClaimSet claims_of(const claims::Verified<Attested>& attested) {
  claims::ClaimSet set = tdx::claims_of(attested->tdx);
  azure::add_vtpm_claims(set.claims, attested->pcrs, attested->nonce);
  return set;
}

}  // namespace trustee::az_tdx_vtpm

#include "sgx/verify.h"

#include <utility>

#include "base/try.h"
#include "intel/evidence.h"
#include "sgx/errors.h"

namespace trustee::claims {

template <>
struct VerifierOf<sgx::Attested> {
  static Verified<sgx::Attested> seal(sgx::Attested a) { return Verified(std::move(a)); }
};

}  // namespace trustee::claims

namespace trustee::sgx {

Result<const intel::EnclaveReport*> enclave_report_of(const intel::Quote& quote) {
  if (const auto* report = quote.enclave_report(); report != nullptr) return report;
  return Errc::quote_of_tdx;
}

Result<void> check_config_id(const intel::EnclaveReport& report, const claims::Expected& expected) {
  if (!expected.init_data_hash.has_value()) return {};
  if (regularised<64>(*expected.init_data_hash) == report.config_id) return {};
  return Errc::config_id_mismatch;
}

Result<Outcome> verify(const Evidence& evidence, const claims::Expected& expected,
                       const intel::Means& means, Time now) {
  TRY(const intel::Quote quote, intel::parse_quote(evidence.quote));
  TRY(const intel::EnclaveReport* report, enclave_report_of(quote));
  TRY_VOID(intel::check_report_data(report->report_data, intel::TeeType::sgx, expected));
  TRY_VOID(check_config_id(*report, expected));
  TRY(auto outcome, intel::verify_quote(quote, means, now));
  if (auto* needs = std::get_if<intel::Needs>(&outcome); needs != nullptr) return Outcome(*needs);
  return Outcome(
      claims::VerifierOf<Attested>::seal(Attested{std::move(*std::get_if<0>(&outcome))}));
}

}  // namespace trustee::sgx

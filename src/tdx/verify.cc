#include "tdx/verify.h"

#include <array>
#include <utility>

#include "base/try.h"
#include "eventlog/claims.h"
#include "eventlog/replay.h"
#include "intel/evidence.h"
#include "tdx/errors.h"

namespace trustee::claims {

template <>
struct VerifierOf<tdx::Attested> {
  static Verified<tdx::Attested> seal(tdx::Attested a) { return Verified(std::move(a)); }
};

}  // namespace trustee::claims

namespace trustee::tdx {

Result<const intel::TdReport10*> td_report_of(const intel::Quote& quote) {
  if (const auto* report = quote.td_report(); report != nullptr) return report;
  return Errc::quote_of_sgx;
}

Result<void> check_mr_config_id(const intel::TdReport10& report, const claims::Expected& expected) {
  if (!expected.init_data_hash.has_value()) return {};
  if (regularised<48>(*expected.init_data_hash) == report.mr_config_id) return {};
  return Errc::mr_config_id_mismatch;
}

Result<void> check_event_log(const intel::TdReport10& report, const eventlog::Log& log) {
  using eventlog::Algorithm;
  const std::array registers{eventlog::Register{1, Algorithm::sha384, report.rtmr_0},
                             eventlog::Register{2, Algorithm::sha384, report.rtmr_1},
                             eventlog::Register{3, Algorithm::sha384, report.rtmr_2},
                             eventlog::Register{4, Algorithm::sha384, report.rtmr_3}};
  return eventlog::check_registers(log, registers);
}

namespace {

/// The claims of a log whose registers the verified report confirms.
Result<json::Array> event_log_of(Bytes bytes, const intel::TdReport10& report) {
  TRY(const eventlog::Log log, eventlog::parse(bytes));
  TRY(json::Array claims, eventlog::claims_of(log));
  TRY_VOID(check_event_log(report, log));
  return claims;
}

Result<Outcome> verify_parts(const intel::Quote& quote, const std::optional<ByteVec>& event_log,
                             const claims::Expected& expected, const intel::Means& means,
                             Time now) {
  TRY(const intel::TdReport10* report, td_report_of(quote));
  TRY_VOID(intel::check_report_data(report->report_data, intel::TeeType::tdx, expected));
  TRY_VOID(check_mr_config_id(*report, expected));
  TRY(auto outcome, intel::verify_quote(quote, means, now));
  if (auto* needs = std::get_if<intel::Needs>(&outcome); needs != nullptr) return Outcome(*needs);
  Attested attested{std::move(*std::get_if<0>(&outcome)), std::nullopt};
  if (event_log.has_value()) {
    TRY(attested.event_log, event_log_of(*event_log, attested.report()));
  }
  return Outcome(claims::VerifierOf<Attested>::seal(std::move(attested)));
}

}  // namespace

Result<Outcome> verify_quote(const intel::Quote& quote, const claims::Expected& expected,
                             const intel::Means& means, Time now) {
  return verify_parts(quote, std::nullopt, expected, means, now);
}

Result<Outcome> verify_quote(Bytes quote, const claims::Expected& expected,
                             const intel::Means& means, Time now) {
  TRY(const intel::Quote parsed, intel::parse_quote(quote));
  return verify_parts(parsed, std::nullopt, expected, means, now);
}

Result<Outcome> verify(const Evidence& evidence, const claims::Expected& expected,
                       const intel::Means& means, Time now) {
  TRY(const intel::Quote quote, intel::parse_quote(evidence.quote));
  return verify_parts(quote, evidence.event_log, expected, means, now);
}

}  // namespace trustee::tdx

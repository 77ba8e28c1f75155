#pragma once

#include <optional>
#include <variant>

#include "base/clock.h"
#include "base/result.h"
#include "claims/expected.h"
#include "claims/verified.h"
#include "codec/json.h"
#include "eventlog/log.h"
#include "intel/needs.h"
#include "intel/quote.h"
#include "intel/verify.h"
#include "tdx/evidence.h"

namespace trustee::tdx {

/// A TD's quote whose every rule was checked, and the boot log that its registers confirm.
struct Attested {
  claims::Verified<intel::Attested> quote;
  std::optional<json::Array> event_log;  ///< as claims; absent: the evidence had none

  /// The TD's own report. Lifetime: that of this object.
  const intel::TdReport10& report() const { return *quote->quote.td_report(); }
};

using Outcome = std::variant<claims::Verified<Attested>, intel::Needs>;

/// Verifies a TD's raw quote, also one that arrives in another envelope (Azure's): format,
/// bindings, then intel::verify_quote. Bindings are checked before collateral is asked for. Errors
/// quote_of_sgx, intel::report_data_mismatch, mr_config_id_mismatch, those of intel.
Result<Outcome> verify_quote(Bytes quote, const claims::Expected& expected,
                             const intel::Means& means, Time now);
/// The same for a quote parsed already.
Result<Outcome> verify_quote(const intel::Quote& quote, const claims::Expected& expected,
                             const intel::Means& means, Time now);

/// Verifies TDX evidence: the quote, then the event log against RTMR0 to RTMR3.
/// Errors  as verify_quote; those of eventlog.
/// Source  verifiers specification 6.
/// Cost    two P-256 verifications when the PCK chain is cached.
Result<Outcome> verify(const Evidence& evidence, const claims::Expected& expected,
                       const intel::Means& means, Time now);

// The rules of TDs, each on its own.

/// The log replays to RTMR0 to RTMR3 (indices 1 to 4). Errors: those of eventlog.
Result<void> check_event_log(const intel::TdReport10& report, const eventlog::Log& log);

/// The quote is a TD's; gives its report. Errors: quote_of_sgx.
Result<const intel::TdReport10*> td_report_of(const intel::Quote& quote);
/// MRCONFIGID is the expected init-data hash, padded or cut to 48 bytes.
/// Errors  mr_config_id_mismatch.
Result<void> check_mr_config_id(const intel::TdReport10& report, const claims::Expected& expected);

}  // namespace trustee::tdx

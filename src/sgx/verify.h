#pragma once

#include <variant>

#include "base/clock.h"
#include "base/result.h"
#include "claims/expected.h"
#include "claims/verified.h"
#include "intel/needs.h"
#include "intel/quote.h"
#include "intel/verify.h"
#include "sgx/evidence.h"

namespace trustee::sgx {

/// An enclave's quote whose every rule was checked.
struct Attested {
  claims::Verified<intel::Attested> quote;

  /// The enclave's own report. Lifetime: that of this object.
  const intel::EnclaveReport& report() const { return *quote->quote.enclave_report(); }
};

using Outcome = std::variant<claims::Verified<Attested>, intel::Needs>;

/// Verifies SGX evidence: format, bindings, then intel::verify_quote. Bindings are checked before
/// collateral is asked for.
/// Errors  quote_of_tdx, intel::report_data_mismatch, config_id_mismatch, those of intel.
/// Source  verifiers specification 7.
/// Cost    two P-256 verifications when the PCK chain is cached.
Result<Outcome> verify(const Evidence& evidence, const claims::Expected& expected,
                       const intel::Means& means, Time now);

// The rules of enclaves, each on its own.

/// The quote is an enclave's; gives its report. Errors: quote_of_tdx.
Result<const intel::EnclaveReport*> enclave_report_of(const intel::Quote& quote);
/// CONFIGID is the expected init-data hash, padded or cut to 64 bytes. Errors: config_id_mismatch.
Result<void> check_config_id(const intel::EnclaveReport& report, const claims::Expected& expected);

}  // namespace trustee::sgx

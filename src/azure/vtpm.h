#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "azure/evidence.h"
#include "azure/hcl_report.h"
#include "base/error.h"
#include "base/result.h"
#include "claims/expected.h"
#include "codec/json.h"
#include "tpm/quote.h"

namespace trustee::azure {

/// What the operator decides for both TEEs.
struct Policy {
  /// Evidence of a lower version is refused. Below 2 the hardware report is not fresh: user data
  /// are not compared.
  unsigned minimum_version = 0;
};

/// The vTPM's part of the evidence, whose rules were checked, but for those that need the hardware
/// report to be verified (check_variable_data, check_user_data).
/// Lifetime: views into the evidence.
struct VtpmPart {
  HclReport hcl;
  VariableData variable;
  tpm::Quote quote;
};

/// Checks what both TEEs have in common, in this order: report data given, version, HCL report and
/// its kind, attestation key, quote signature, nonce, PCR selection, PCR digest.
/// Errors  those of the rules, all of azure::Errc and tpm::Errc.
/// Source  verifiers specification 9.4, steps 0 to 4.
/// Cost    one RSA verification.
Result<VtpmPart> check_vtpm(const Evidence& evidence, const claims::Expected& expected,
                            Hardware hardware, const Policy& policy);

/// The hardware report covers the variable data: its report data are their SHA-256 and 32 zero
/// bytes. Errors: variable_data_mismatch.
Result<void> check_variable_data(const HclReport& hcl, const ByteArray<64>& report_data);

/// From version 2 on the user data begin with the report data. Errors: user_data_mismatch.
Result<void> check_user_data(const Evidence& evidence, const VariableData& variable,
                             const claims::Expected& expected);

/// PCR 8 holds the init-data hash, where one is expected. Errors: init_data_mismatch (also a hash
/// that is not 32 bytes long).
Result<void> check_init_data(const Evidence& evidence, const claims::Expected& expected);

/// Puts `tpm` (the PCRs), `init_data` (PCR 8) and `report_data` (the nonce) into the claims of the
/// hardware, in place of its own.
void add_vtpm_claims(json::Object& claims, const tpm::Pcrs& pcrs, Bytes nonce);

/// Upstream's words for a failed rule of this module; nothing where upstream has no such rule.
std::optional<std::string_view> upstream_text(const Code& code);

}  // namespace trustee::azure

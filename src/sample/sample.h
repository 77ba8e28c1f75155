#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "claims/claim_set.h"
#include "claims/expected.h"
#include "claims/verified.h"

namespace trustee::sample {

/// Largest evidence text.
inline constexpr std::size_t kMaxEvidence = 64U << 10U;

/// The evidence of the sample TEEs, which proves nothing: whoever can speak can make it.
/// `report_data` is the text as it came; it is decoded only to be compared.
struct Evidence {
  std::string svn;
  std::string report_data;
};

/// `{"svn": string, "report_data": string (default "")}`; other members are ignored.
/// Errors  evidence_malformed.
Result<Evidence> parse_evidence(std::string_view json);

/// When report data is expected, the evidence's must decode to exactly these bytes.
/// Errors  report_data_mismatch, evidence_malformed (not base64).
/// Source  verifiers specification, section 3.
Result<claims::Verified<Evidence>> verify(Evidence evidence, const claims::Expected& expected);

/// `svn`, `report_data`, fixed launch values, and `init_data` when a hash was expected (which the
/// sample TEE cannot bind).
claims::ClaimSet claims_of_sample(const claims::Verified<Evidence>& evidence,
                                  const claims::Expected& expected);
/// `svn` and `report_data`, of class `gpu`.
claims::ClaimSet claims_of_sample_device(const claims::Verified<Evidence>& evidence);

}  // namespace trustee::sample

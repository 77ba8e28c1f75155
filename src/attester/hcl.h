#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace trustee::attester {

inline constexpr std::size_t kMaxHclReport = 16U << 10U;

enum class HclKind : std::uint8_t { snp, tdx };

/// What a guest needs of the HCL report in an Azure vTPM. Lifetime: views into the report.
struct HclReport {
  HclKind kind = HclKind::snp;
  Bytes hardware_report;  ///< 1184 bytes; a TDREPORT is its first 1024
  Bytes runtime_data;     ///< JSON
};

/// Errors  hcl_malformed, hcl_type_unknown.
/// Source  verifiers specification 9.2.
Result<HclReport> parse_hcl(Bytes report);

/// The member `user-data` of the runtime data, decoded; empty when there is none.
/// Errors  hcl_malformed.
Result<ByteVec> user_data_of(Bytes runtime_data);

}  // namespace trustee::attester

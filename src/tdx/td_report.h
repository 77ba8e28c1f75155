#pragma once

#include <cstddef>

#include "base/bytes.h"
#include "base/result.h"
#include "intel/quote.h"

namespace trustee::tdx {

inline constexpr std::size_t kTdReportSize = 1024;

/// Reads TDREPORT_STRUCT, which a TD asks its module for and a quoting enclave makes a quote of,
/// into what that quote says. Its MAC can be checked on the machine of the TD only, so its fields
/// prove nothing by themselves.
/// Shape   exactly kTdReportSize bytes; type 0x81, subtype 0, version 0 or 1.
/// Errors  td_report_malformed, td_report_type_unsupported.
/// Source  Intel TDX Module architecture specification, REPORTMACSTRUCT, TEE_TCB_INFO,
///         TDINFO_STRUCT; verifiers specification 9.2.
Result<intel::TdReport10> parse_td_report(Bytes in);

/// The quote was made of this TDREPORT: every field is the same. The detail names the first that is
/// not. Errors  td_report_mismatch.
Result<void> check_td_report(const intel::TdReport10& report, const intel::TdReport10& quoted);

}  // namespace trustee::tdx

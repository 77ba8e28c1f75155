#pragma once

#include <cstddef>

#include "base/bytes.h"
#include "base/result.h"
#include "intel/quote.h"

namespace trustee::tdx {

inline constexpr std::size_t kTdReportSize = 1024;

/// TDREPORT_STRUCT, which a TD asks its module for and a quoting enclave makes a quote of. Its MAC
/// can be checked on the machine of the TD only, so its fields prove nothing by themselves.
struct TdReport {
  ByteArray<64> report_data{};
  // TEE_TCB_INFO: the TDX module.
  ByteArray<16> tee_tcb_svn{};
  ByteArray<48> mr_seam{};
  ByteArray<48> mrsigner_seam{};
  ByteArray<8> seam_attributes{};
  // TDINFO_STRUCT: the TD.
  ByteArray<8> td_attributes{};
  ByteArray<8> xfam{};
  ByteArray<48> mr_td{};
  ByteArray<48> mr_config_id{};
  ByteArray<48> mr_owner{};
  ByteArray<48> mr_owner_config{};
  ByteArray<48> rtmr_0{};
  ByteArray<48> rtmr_1{};
  ByteArray<48> rtmr_2{};
  ByteArray<48> rtmr_3{};
};

/// Reads a TDREPORT of exactly kTdReportSize bytes: type 0x81, subtype 0, version 0 or 1.
/// Errors  td_report_malformed, td_report_type_unsupported.
/// Source  Intel TDX Module architecture specification, REPORTMACSTRUCT, TEE_TCB_INFO,
///         TDINFO_STRUCT; verifiers specification 9.2.
Result<TdReport> parse_td_report(Bytes in);

/// The quote was made of this TDREPORT: every field that both have is the same. The detail names
/// the first that is not. Errors  td_report_mismatch.
Result<void> check_td_report(const TdReport& report, const intel::TdReport10& quoted);

}  // namespace trustee::tdx

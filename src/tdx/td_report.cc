#include "tdx/td_report.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "base/cursor.h"
#include "base/try.h"
#include "tdx/errors.h"

namespace trustee::tdx {

namespace {

/// Type, subtype and version; the fourth byte is reserved.
Result<void> check_report_type(const ByteArray<4>& type) {
  constexpr std::uint8_t kTdx = 0x81;
  constexpr std::uint8_t kNewestVersion = 1;
  if (type[0] == kTdx && type[1] == 0 && type[2] <= kNewestVersion && type[3] == 0) return {};
  return Error(Errc::td_report_type_unsupported, "type " + std::to_string(type[0]) + ", subtype " +
                                                     std::to_string(type[1]) + ", version " +
                                                     std::to_string(type[2]));
}

}  // namespace

Result<intel::TdReport10> parse_td_report(Bytes in) {
  if (in.size() != kTdReportSize) {
    return Error(Errc::td_report_malformed, std::to_string(in.size()) + " bytes");
  }
  Cursor c(in);
  TRY_VOID(check_report_type(c.array<4>()));
  intel::TdReport10 r;
  c.skip(12 + 16 + 48 + 48);  // reserved, CPUSVN, the hashes of the two structures below
  r.report_data = c.array<64>();
  c.skip(32 + 32);  // reserved, MAC
  c.skip(8);        // which fields of TEE_TCB_INFO are valid
  intel::read_module_info(c, r);
  c.skip(111 + 17);  // rest of TEE_TCB_INFO, reserved
  intel::read_td_info(c, r);
  c.skip(112);
  if (c.finish().ok()) return r;
  return Errc::td_report_malformed;
}

Result<void> check_td_report(const intel::TdReport10& report, const intel::TdReport10& quoted) {
  struct Field {
    std::string_view name;
    Bytes ours;
    Bytes quoted;
  };
  const std::array fields{
      Field{"REPORTDATA", report.report_data, quoted.report_data},
      Field{"TEE_TCB_SVN", report.tee_tcb_svn, quoted.tee_tcb_svn},
      Field{"MRSEAM", report.mr_seam, quoted.mr_seam},
      Field{"MRSIGNERSEAM", report.mrsigner_seam, quoted.mrsigner_seam},
      Field{"SEAM ATTRIBUTES", report.seam_attributes, quoted.seam_attributes},
      Field{"ATTRIBUTES", report.td_attributes, quoted.td_attributes},
      Field{"XFAM", report.xfam, quoted.xfam},
      Field{"MRTD", report.mr_td, quoted.mr_td},
      Field{"MRCONFIGID", report.mr_config_id, quoted.mr_config_id},
      Field{"MROWNER", report.mr_owner, quoted.mr_owner},
      Field{"MROWNERCONFIG", report.mr_owner_config, quoted.mr_owner_config},
      Field{"RTMR0", report.rtmr_0, quoted.rtmr_0},
      Field{"RTMR1", report.rtmr_1, quoted.rtmr_1},
      Field{"RTMR2", report.rtmr_2, quoted.rtmr_2},
      Field{"RTMR3", report.rtmr_3, quoted.rtmr_3},
  };
  const auto* other =
      std::ranges::find_if(fields, [](const Field& f) { return !equal(f.ours, f.quoted); });
  if (other == fields.end()) return {};
  return Error(Errc::td_report_mismatch, std::string(other->name));
}

}  // namespace trustee::tdx

#include <cstddef>
#include <cstdint>

#include "tdx/td_report.h"

using namespace trustee;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto report = tdx::parse_td_report({data, size});
  if (!report.ok()) return 0;
  if (size != tdx::kTdReportSize) __builtin_trap();
  intel::TdReport10 quoted;
  quoted.mr_td = report->mr_td;
  quoted.report_data = report->report_data;
  (void)tdx::check_td_report(*report, quoted);
  return 0;
}

#include <cstddef>
#include <cstdint>

#include "azure/vtpm.h"

using namespace trustee;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto report = azure::parse_hcl_report({data, size});
  if (!report.ok()) {
    (void)azure::parse_variable_data({data, size});
    return 0;
  }
  (void)azure::check_variable_data(*report, {});
  const auto variable = azure::parse_variable_data(report->variable_data);
  if (!variable.ok()) return 0;
  azure::Evidence evidence;
  evidence.version = 2;
  evidence.hcl_report = to_vec({data, size});
  const ByteVec nonce(32, 1);
  (void)azure::check_user_data(evidence, *variable, {Bytes(nonce), std::nullopt});
  if (azure::check_vtpm(evidence, {Bytes(nonce), std::nullopt}, report->hardware, {}).ok()) {
    __builtin_trap();  // nothing signed this
  }
  return 0;
}

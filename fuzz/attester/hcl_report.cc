#include <cstddef>
#include <cstdint>

#include "attester/hcl.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto got = trustee::attester::parse_hcl({data, size});
  if (!got.ok()) return 0;
  if (got->hardware_report.size() != 1184) __builtin_trap();
  (void)trustee::attester::user_data_of(got->runtime_data);
  return 0;
}

#include <cstddef>
#include <cstdint>

#include "attester/certificate_table.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto got = trustee::attester::parse_certificate_table({data, size});
  if (!got.ok()) return 0;
  for (const auto& entry : *got) {
    if (entry.data.size() > size) __builtin_trap();
  }
  return 0;
}

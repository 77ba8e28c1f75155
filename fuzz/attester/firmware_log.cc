#include <cstddef>
#include <cstdint>

#include "attester/event_log.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto got = trustee::attester::trimmed_firmware_log({data, size});
  if (!got.ok()) return 0;
  // A prefix of the log, behind which the marker stands.
  if (got->data() != data || got->size() + 8 > size) __builtin_trap();
  const std::uint8_t marker = data[got->size()];
  if (marker != 0 && marker != 0xFF) __builtin_trap();
  return 0;
}

#include <cstddef>
#include <cstdint>

#include "tpm/public_area.h"

using namespace trustee;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto area = tpm::parse_public_area({data, size});
  if (!area.ok()) return 0;
  (void)tpm::check_attestation_key(*area);
  if (area->key.spki().empty() || area->name.size() < 34) __builtin_trap();
  return 0;
}

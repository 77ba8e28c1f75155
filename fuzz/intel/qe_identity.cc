#include <cstddef>
#include <cstdint>

#include "intel/qe_identity.h"

using namespace trustee;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto identity = intel::parse_qe_identity(as_text({data, size}));
  if (!identity.ok()) return 0;
  for (std::size_t i = 1; i < identity->levels.size(); ++i) {
    if (identity->levels[i].isvsvn >= identity->levels[i - 1].isvsvn) __builtin_trap();
  }
  return 0;
}

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <tuple>

#include "intel/tcb_info.h"

using namespace trustee;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto info = intel::parse_tcb_info(as_text({data, size}));
  if (!info.ok()) return 0;
  if (info->levels.empty() || info->levels.size() > intel::kMaxTcbLevels) __builtin_trap();
  const auto key = [](const intel::PlatformLevel& l) { return std::tie(l.sgx, l.pcesvn, l.tdx); };
  for (std::size_t i = 1; i < info->levels.size(); ++i) {
    if (!(key(info->levels[i]) < key(info->levels[i - 1]))) __builtin_trap();
  }
  if (info->tdx_module.has_value() != (info->tee == intel::TeeType::tdx)) __builtin_trap();
  return 0;
}

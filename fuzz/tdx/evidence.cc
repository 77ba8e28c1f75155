#include <cstddef>
#include <cstdint>

#include "tdx/evidence.h"
#include "tdx/verify.h"

using namespace trustee;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const intel::RootKey root = intel::RootKey::built_in();
  static intel::PckCache cache;
  const auto evidence = tdx::parse_evidence(as_text({data, size}));
  if (!evidence.ok()) return 0;
  const auto outcome =
      tdx::verify(*evidence, {}, {root, cache, nullptr}, from_unix_seconds(1795500000));
  // Without collateral nothing is verified to the end.
  if (outcome.ok() && !std::holds_alternative<intel::Needs>(*outcome)) __builtin_trap();
  return 0;
}

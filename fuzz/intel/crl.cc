#include <cstddef>
#include <cstdint>

#include "intel/collateral.h"

using namespace trustee;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const intel::RootKey root = intel::RootKey::built_in();
  (void)intel::verify_root_crl({data, size}, root);
  return 0;
}

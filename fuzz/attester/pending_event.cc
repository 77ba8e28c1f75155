#include <cstddef>
#include <cstdint>

#include "attester/runtime_log.h"

using namespace trustee;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const auto hash : {crypto::Hash::sha256, crypto::Hash::sha384, crypto::Hash::sha512}) {
    const auto got = attester::parse_pending({data, size}, hash);
    if (got.ok() && !equal(attester::write_pending(*got), {data, size})) __builtin_trap();
  }
  return 0;
}

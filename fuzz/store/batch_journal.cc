#include <cstdint>
#include <cstdlib>

#include "store/internal/batch.h"

// No journal names anything outside its directory; what is read is the same after writing it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto batch = trustee::store::decode_batch(trustee::Bytes(data, size));
  if (!batch.ok()) return 0;
  for (const auto& move : batch.value().moves) {
    if (move.to.find('/') != std::string::npos || move.to == "..") std::abort();
  }
  const auto again = trustee::store::decode_batch(trustee::store::encode_batch(batch.value()));
  if (!again.ok() || again.value() != batch.value()) std::abort();
  return 0;
}

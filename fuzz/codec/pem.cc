// Blocks that are read write to a text that reads to the same blocks.
#include <cstdlib>

#include "codec/pem.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trustee;
  const auto blocks = codec::pem_read(as_text({data, size}));
  if (!blocks.ok()) return 0;
  std::string text;
  for (const codec::PemBlock& block : *blocks) {
    text += codec::pem_write(block.label, block.der);
  }
  const auto again = codec::pem_read(text, {.bytes = text.size()});
  if (!again.ok() || again->size() != blocks->size()) std::abort();
  for (std::size_t i = 0; i < blocks->size(); ++i) {
    if ((*again)[i].label != (*blocks)[i].label || (*again)[i].der != (*blocks)[i].der)
      std::abort();
  }
  return 0;
}

// There is one spelling: what decodes encodes back to the same text. Hexadecimal rides along.
#include <cstdlib>

#include "codec/base64.h"
#include "codec/hex.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trustee;
  const std::string_view text = as_text({data, size});
  if (auto b = codec::base64_decode(text); b.ok() && codec::base64_encode(*b) != text) {
    std::abort();
  }
  if (auto b = codec::base64url_decode(text); b.ok() && codec::base64url_encode(*b) != text) {
    std::abort();
  }
  if (auto b = codec::base64url_padded_decode(text);
      b.ok() && codec::base64url_padded_encode(*b) != text) {
    std::abort();
  }
  if (auto b = codec::hex_decode(text); b.ok() && codec::hex_encode(*b).size() != size) {
    std::abort();
  }
  return 0;
}

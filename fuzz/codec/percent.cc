// Decoding never grows a text, undoes encoding, and forms are UTF-8.
#include <cstdlib>

#include "base/bytes.h"
#include "codec/percent.h"
#include "codec/utf8.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trustee;
  const std::string_view text = as_text({data, size});
  if (codec::percent_decode(text).size() > size) std::abort();
  if (codec::percent_decode(codec::percent_encode(text)) != text) std::abort();
  for (const auto& [name, value] : codec::form_decode(text)) {
    if (!codec::is_utf8(as_bytes(name)) || !codec::is_utf8(as_bytes(value))) std::abort();
  }
  return 0;
}

// A name that is read is written as itself.
#include <cstdlib>

#include "amd/kds.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trustee;
  const std::string_view text = as_text({data, size});
  const auto request = amd::parse_cache_name(text);
  if (request.ok() && amd::cache_name(*request) != text) std::abort();
  return 0;
}

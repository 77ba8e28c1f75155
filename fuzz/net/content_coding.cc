// Content codings: the first byte chooses one. No input may bring out more than the limit.

#include <array>
#include <cstdint>
#include <cstdlib>

#include "net/content_coding.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array<const char*, 4> kCodings = {"gzip", "deflate", "br", "zstd"};
  constexpr std::size_t kMax = 1u << 16;
  if (size == 0) return 0;
  const trustee::Bytes input(data, size);
  const auto plain = trustee::net::decode_content(kCodings.at(data[0] % 4), input.subspan(1), kMax);
  if (plain.ok() && plain->size() > kMax) std::abort();
  return 0;
}

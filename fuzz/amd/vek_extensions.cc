#include <cstddef>
#include <cstdint>

#include "amd/chain.h"
#include "amd/kds.h"

using namespace trustee;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes in(data, size);
  (void)amd::parse_der_u8(in);
  (void)amd::parse_der_ia5(in);
  if (const auto hwid = amd::parse_hwid(in); hwid.ok()) {
    (void)amd::hwid_matches(*hwid, ByteArray<64>{});
  }
  const auto certificate = amd::parse_der_or_pem(in);
  if (!certificate.ok()) return 0;
  const auto extensions = amd::parse_vek_extensions(*certificate);
  if (!extensions.ok()) return 0;
  (void)amd::vek_kind(*extensions);
  (void)amd::check_product_name(*extensions, amd::Product::genoa);
  (void)amd::tcb_prefix(extensions->tcb);
  return 0;
}

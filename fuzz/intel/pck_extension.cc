#include <cstddef>
#include <cstdint>

#include "crypto/x509.h"
#include "intel/collateral.h"
#include "intel/pck.h"

using namespace trustee;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes in(data, size);
  if (const auto extension = intel::parse_pck_extension(in); extension.ok()) {
    (void)intel::sgx_type_text(extension->sgx_type);
    if (extension->platform_instance_id.has_value()) {
      (void)intel::platform_instance_id_text(*extension->platform_instance_id);
    }
  }
  const auto certificate = crypto::Certificate::from_der(in);
  if (!certificate.ok()) return 0;
  (void)intel::pck_ca_of(*certificate);
  (void)intel::crl_distribution_point(*certificate);
  const bool platform = intel::pck_extension_of(*certificate, intel::PckCa::platform).ok();
  const bool processor = intel::pck_extension_of(*certificate, intel::PckCa::processor).ok();
  if (platform && processor) __builtin_trap();
  return 0;
}

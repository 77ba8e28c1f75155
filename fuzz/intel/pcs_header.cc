// Issuer chains in headers, and the URLs that administrators write.
#include <cstdlib>

#include "intel/pcs.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trustee;
  const std::string_view text = as_text({data, size});
  if (const auto chain = intel::issuer_chain_of_header(text);
      chain.ok() && chain->find('\0') != std::string::npos) {
    std::abort();
  }
  const auto words = intel::PcsWords::create(text);
  if (!words.ok()) return 0;
  const std::string url = words->tcb_info(intel::TeeType::tdx, {}, intel::TcbUpdate::early);
  if (url.find_first_of(" \r\n") != std::string::npos) std::abort();
  return 0;
}

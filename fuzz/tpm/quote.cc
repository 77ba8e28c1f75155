#include <cstddef>
#include <cstdint>

#include "tpm/quote.h"
#include "tpm/rules.h"

using namespace trustee;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto quote = tpm::parse_quote({data, size});
  if (!quote.ok()) return 0;
  (void)tpm::check_pcr_selection(*quote);
  (void)tpm::check_pcr_digest(*quote, {}, crypto::Hash::sha256);
  (void)tpm::check_nonce(*quote, {});
  return 0;
}

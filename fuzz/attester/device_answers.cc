#include <cstddef>
#include <cstdint>

#include "attester/azure.h"
#include "attester/quoting_service.h"
#include "attester/snp_device.h"
#include "attester/tsm_report.h"

using namespace trustee::attester;

// The short answers of devices, services and files, all from the same bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const trustee::Bytes in(data, size);
  if (const auto report = snp_report_of_answer(in); report.ok() && report->size() != 1184) {
    __builtin_trap();
  }
  if (const auto quote = quote_of_answer(in); quote.ok() && quote->size() + 24 > size) {
    __builtin_trap();
  }
  if (const auto signature = rsassa_signature(in);
      signature.ok() && signature->size() + 6 != size) {
    __builtin_trap();
  }
  (void)parse_generation(trustee::as_text(in));
  return 0;
}

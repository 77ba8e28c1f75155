#include <cstddef>
#include <cstdint>

#include "codec/json.h"
#include "snp/evidence.h"
#include "snp/format.h"

using namespace trustee;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto report = snp::parse_report({data, size});
  if (!report.ok()) return 0;
  (void)snp::product_of(*report);
  if (!equal(report->bytes, {data, size})) __builtin_trap();
  // What a guest would send of this report must be read back as this report.
  const auto evidence =
      snp::parse_evidence(json::write(snp::evidence_value(*report, std::nullopt)));
  if (!evidence.ok()) __builtin_trap();
  const auto again = snp::report_of(*evidence);
  if (!again.ok() || again->bytes != report->bytes) __builtin_trap();
  return 0;
}

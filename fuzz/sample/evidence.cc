#include <cstddef>
#include <cstdint>

#include "claims/claim_set.h"
#include "sample/sample.h"

using namespace trustee;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto evidence = sample::parse_evidence(as_text({data, size}));
  if (!evidence.ok()) return 0;
  const claims::Expected expected{as_bytes("challenge"), std::nullopt};
  (void)sample::verify(*evidence, expected);
  const auto verified = sample::verify(*evidence, {});
  if (!verified.ok()) __builtin_trap();  // nothing was expected
  (void)json::write(sample::claims_of_sample(*verified, {}).claims);
  (void)json::write(sample::claims_of_sample_device(*verified).claims);
  return 0;
}

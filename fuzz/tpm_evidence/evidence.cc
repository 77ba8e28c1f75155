#include <cstddef>
#include <cstdint>

#include "codec/json.h"
#include "tpm_evidence/verify.h"

using namespace trustee;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto evidence = tpm_evidence::parse_evidence(as_text({data, size}));
  if (!evidence.ok()) return 0;
  const ByteVec hash(32, 1);
  (void)tpm_evidence::verify(*evidence, {Bytes(hash), Bytes(hash)}, {});
  const auto verified = tpm_evidence::verify(*evidence, {}, {});
  if (verified.ok()) (void)json::write(tpm_evidence::claims_of(*verified).claims);
  return 0;
}

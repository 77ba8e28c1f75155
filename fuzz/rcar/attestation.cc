// Reads an Attestation and does with it what a server does before it verifies evidence.
#include "base/check.h"
#include "rcar/binding.h"
#include "rcar/messages.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trustee;
  const auto attestation = rcar::parse_attestation(as_text({data, size}));
  if (!attestation.ok()) return 0;
  const auto& [nonce, key] = attestation->runtime_data;
  const std::string& devices = attestation->tee_evidence.additional_evidence;
  (void)rcar::split_additional_evidence(devices);
  (void)rcar::make_recipient(key, {.rsa1_5 = true});
  TRUSTEE_CHECK(
      rcar::binding_digest(crypto::Hash::sha384, rcar::primary_runtime_data(key, nonce, devices))
          .ok());
  const auto again = rcar::parse_attestation(rcar::write(*attestation));
  if (again.ok()) TRUSTEE_CHECK(rcar::write(*again) == rcar::write(*attestation));
  return 0;
}

// Reads a Request and answers it as far as the protocol module can.
#include "base/check.h"
#include "rcar/binding.h"
#include "rcar/messages.h"
#include "rcar/version.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trustee;
  const std::string_view text = as_text({data, size});
  (void)rcar::check_protocol_version(text);
  (void)rcar::split_additional_evidence(text);
  if (const auto challenge = rcar::parse_challenge(text); challenge.ok()) {
    (void)rcar::selected_hash(challenge->extra_params);
  }
  const auto request = rcar::parse_request(text);
  if (!request.ok()) return 0;
  (void)rcar::check_protocol_version(request->version);
  (void)rcar::negotiate_hash(request->extra_params, crypto::Hash::sha512);
  const auto again = rcar::parse_request(rcar::write(*request));
  TRUSTEE_CHECK(again.ok() && rcar::write(*again) == rcar::write(*request));
  return 0;
}

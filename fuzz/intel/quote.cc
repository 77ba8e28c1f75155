#include <cstddef>
#include <cstdint>

#include "codec/json.h"
#include "intel/claims.h"
#include "intel/quote.h"
#include "intel/verify.h"

using namespace trustee;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const intel::RootKey root = intel::RootKey::built_in();
  static intel::PckCache cache;
  const auto quote = intel::parse_quote({data, size});
  if (!quote.ok()) return 0;
  if (!equal(quote->bytes, Bytes(data, size).first(quote->bytes.size()))) __builtin_trap();
  if ((quote->td_report() == nullptr) == (quote->enclave_report() == nullptr)) __builtin_trap();
  // The parse of what was kept is the same quote.
  const auto again = intel::parse_quote(quote->bytes);
  if (!again.ok() || again->bytes != quote->bytes) __builtin_trap();
  (void)json::write(intel::header_claims(*quote));
  const auto outcome =
      intel::verify_quote(*quote, {root, cache, nullptr}, from_unix_seconds(1795500000));
  // Without collateral nothing is verified to the end.
  if (outcome.ok() && !std::holds_alternative<intel::Needs>(*outcome)) __builtin_trap();
  return 0;
}

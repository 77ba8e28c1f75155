#include <cstddef>
#include <cstdint>

#include "snp/claims.h"
#include "snp/internal/evidence_readers.h"
#include "snp/verify.h"

using namespace trustee;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const amd::RootSet roots = amd::RootSet::built_in().value();
  static amd::VekCache cache;
  const std::string_view text = as_text({data, size});
  const auto evidence = snp::internal::read_any_shape(text);
  if (const auto usual = snp::internal::read_usual_shape(text); usual.has_value()) {
    if (!evidence.ok() || *usual != *evidence) __builtin_trap();  // the fast reader must agree
  }
  if (!evidence.ok()) return 0;
  const auto outcome = snp::verify(*evidence, {}, {roots, cache, std::nullopt, std::nullopt},
                                   {amd::ValidityDates::ignored, amd::Revocation::not_checked},
                                   from_unix_seconds(1795500000));
  if (!outcome.ok()) return 0;
  if (const auto* verified = std::get_if<claims::Verified<snp::Attested>>(&*outcome)) {
    (void)json::write(snp::claims_of(*verified).claims);
  }
  return 0;
}

#include <cstddef>
#include <cstdint>

#include "az_snp_vtpm/az_snp_vtpm.h"
#include "codec/json.h"

using namespace trustee;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const amd::RootSet roots = amd::RootSet::built_in().value();
  static amd::VekCache cache;
  const std::string_view text = as_text({data, size});
  (void)azure::parse_evidence(text, azure::kTdxMembers);
  const auto evidence = az_snp_vtpm::parse_evidence(text);
  if (!evidence.ok()) return 0;
  const auto outcome = az_snp_vtpm::verify(
      *evidence, {as_bytes("challenge"), std::nullopt}, {roots, cache, std::nullopt, std::nullopt},
      {}, {amd::ValidityDates::ignored, amd::Revocation::not_checked},
      from_unix_seconds(1795500000));
  if (!outcome.ok()) return 0;
  if (const auto* v = std::get_if<claims::Verified<az_snp_vtpm::Attested>>(&*outcome)) {
    (void)json::write(az_snp_vtpm::claims_of(*v).claims);
  }
  return 0;
}

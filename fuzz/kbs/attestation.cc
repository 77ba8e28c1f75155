#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/check.h"
#include "kbs/attestation.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const trustee::authz::ChallengeSession session{"bm9uY2U=", "snp", "0.4.0", trustee::Time::max()};
  const auto items = trustee::kbs::evidence_items(trustee::as_text({data, size}), session);
  if (!items.ok()) return 0;
  TRUSTEE_CHECK(!items->empty());
  TRUSTEE_CHECK(items->front().tee == trustee::rcar::Tee::snp);
  for (std::size_t i = 1; i < items->size(); ++i) {
    TRUSTEE_CHECK(!(*items)[i].init_data.has_value());
  }
  return 0;
}

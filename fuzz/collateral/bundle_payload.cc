// Whatever a signed payload says, each item that is read can be kept.
#include <cstdlib>

#include "collateral/bundle.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trustee;
  const auto bundle = collateral::parse_bundle_payload(as_text({data, size}));
  if (!bundle.ok()) return 0;
  for (const auto& item : bundle->items) {
    if (!collateral::encode_record(item.record).ok()) std::abort();
    if (!collateral::parse_document_id(item.id.key()).ok()) std::abort();
  }
  return 0;
}

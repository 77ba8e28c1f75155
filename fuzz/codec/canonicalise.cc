// The canonical form reads back and is its own canonical form.
#include <cstdlib>

#include "base/bytes.h"
#include "codec/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trustee;
  const auto value = json::parse(as_text({data, size}));
  if (!value.ok()) return 0;
  const auto canonical = json::canonicalise(*value);
  if (!canonical.ok()) std::abort();
  const auto again =
      json::parse(*canonical, json::Duplicates::refuse, {.bytes = canonical->size()});
  if (!again.ok()) std::abort();
  const auto twice = json::canonicalise(*again);
  if (!twice.ok() || *twice != *canonical) std::abort();
  return 0;
}

#include <cstddef>
#include <cstdint>

#include "as/init_data.h"
#include "base/check.h"

// A document that is read has a digest to bind and claims that a token can carry: an object whose
// text reads back as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trustee;
  auto document = as::parse_init_data(as_text({data, size}));
  if (!document.ok()) return 0;
  for (const json::Member& member : document->data) {
    TRUSTEE_CHECK(member.value.as_string() != nullptr);
  }
  const json::Value claims = as::claims_of_init_data(std::move(*document));
  const auto again =
      json::parse(json::write(claims), json::Duplicates::refuse, {.depth = json::kDepthCeiling});
  TRUSTEE_CHECK(again.ok() && *again == claims);
  return 0;
}

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/check.h"
#include "reference/record.h"

// Whatever record is read, it is written in a form that reads as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trustee;
  const auto record = reference::parse_record(as_text({data, size}));
  if (!record.ok()) return 0;
  const auto again = reference::parse_record(reference::write_record(*record));
  TRUSTEE_CHECK(again.ok() && *again == *record);
  return 0;
}

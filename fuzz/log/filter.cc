// No filter text makes the parser or the matching fault.
#include "log/filter.h"
#include "base/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trustee;
  const auto filter = log::Filter::parse(as_text({data, size}));
  if (filter.ok()) (void)filter->enabled(log::Level::info, as_text({data, size / 2}));
  return 0;
}

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "store/internal/json_file.h"

// Whatever LocalJson reads, it writes in a form that it reads as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto entries = trustee::store::parse_json_entries(
      std::string_view(reinterpret_cast<const char*>(data), size));
  if (!entries.ok()) return 0;
  const auto written = trustee::store::write_json_entries(entries.value());
  const auto again = trustee::store::parse_json_entries(written.value());
  if (!again.ok() || again.value() != entries.value()) std::abort();
  return 0;
}

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "config/load.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = trustee::as_text({data, size});
  if (auto root = trustee::config::parse_document(text, trustee::config::Format::toml); root.ok()) {
    (void)trustee::config::load_kbs(*root);
    (void)trustee::config::load_as(*root);
  }
  return 0;
}

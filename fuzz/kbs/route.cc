#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/check.h"
#include "kbs/route.h"

// The input is a method, a blank, and a target.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using trustee::kbs::Endpoint;
  const std::string_view text = trustee::as_text({data, size});
  const std::size_t blank = text.find(' ');
  if (blank == std::string_view::npos) return 0;
  const auto route = trustee::kbs::route(text.substr(0, blank), text.substr(blank + 1));
  if (route.endpoint != Endpoint::plugin && route.endpoint != Endpoint::get_reference_value) {
    return 0;
  }
  // What an ACL is matched against is what is acted on.
  std::string path = "/kbs/v0";
  for (const auto& segment : route.segments) {
    path += "/" + segment;
  }
  TRUSTEE_CHECK(path == route.path);
  return 0;
}

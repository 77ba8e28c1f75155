#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "serve/reply.h"

// The input is one Cookie field per line.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = trustee::as_text({data, size});
  trustee::net::Headers headers;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    headers.add("Cookie", std::string(text.substr(0, end)));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  (void)trustee::serve::session_cookie_of(headers);
  return 0;
}

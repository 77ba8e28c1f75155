// A time that is read is written in a form that reads to the same second.
#include <cstdlib>

#include "base/bytes.h"
#include "codec/time.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trustee;
  const std::string_view text = as_text({data, size});
  (void)codec::parse_date_or_time(text);
  if (const auto date = codec::parse_http_date(text);
      date.ok() && codec::http_date(*date) != text) {
    std::abort();
  }
  const auto t = codec::parse_rfc3339(text);
  if (!t.ok()) return 0;
  const std::string written = codec::rfc3339_seconds(*t);
  if (written.size() != 20) return 0;  // an offset moved it out of the years 0 to 9999
  const auto again = codec::parse_rfc3339_seconds(written);
  if (!again.ok() || unix_seconds(*again) != unix_seconds(*t)) std::abort();
  return 0;
}

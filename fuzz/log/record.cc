// Whatever the text, a line is one line, and the JSON form is JSON.
#include <cstdlib>

#include "base/bytes.h"
#include "codec/json.h"
#include "log/record.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trustee;
  const std::string_view text = as_text({data, size});
  const log::Field field(text.substr(0, size / 3), text.substr(size / 3));
  const log::Record record{.time = {},
                           .level = log::Level::info,
                           .target = "fuzz",
                           .text = text,
                           .request_id = text.substr(size / 2),
                           .fields = {&field, 1}};
  const std::string plain = log::line_of(record, log::Format::text, false);
  if (plain.find('\n') != plain.size() - 1) std::abort();
  const std::string line = log::line_of(record, log::Format::json, false);
  if (line.find('\n') != line.size() - 1 || !json::parse(line).ok()) std::abort();
  return 0;
}

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/check.h"
#include "toml/errors.h"
#include "toml/toml.h"

// What is accepted in one form is accepted in the other, but for numbers that are not finite; no
// text is a bug of the reader.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trustee;
  const std::string_view text = as_text({data, size});
  const auto serde = toml::parse(text, toml::Foreign::serde, {.depth = 16, .items = 4096});
  const auto plain = toml::parse(text, toml::Foreign::plain, {.depth = 16, .items = 4096});
  for (const auto* result : {&serde, &plain}) {
    TRUSTEE_CHECK(result->ok() || !result->error().is(toml::Errc::library));
  }
  TRUSTEE_CHECK(serde.ok() || !plain.ok());
  TRUSTEE_CHECK(!serde.ok() || plain.ok() || plain.error().is(toml::Errc::not_representable));
  return 0;
}

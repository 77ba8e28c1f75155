#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/check.h"
#include "codec/base64.h"
#include "codec/json.h"
#include "operator/reference_values.h"
#include "reference/record.h"

// Whatever comes in under either key, what goes out is an object of records that can be read, and
// uniting it once more changes nothing.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trustee;
  const std::string text(as_text({data, size}));
  const std::string* const none = nullptr;
  for (const auto& [object, array] : {std::pair(&text, none), std::pair(none, &text)}) {
    const auto united = operators::unite_reference_values(object, array);
    if (!united.ok()) {
      continue;
    }
    const auto value = json::parse(united->text);
    TRUSTEE_CHECK(value.ok() && value->as_object() != nullptr);
    for (const auto& member : *value->as_object()) {
      const auto bytes = codec::base64url_padded_decode(*member.value.as_string());
      TRUSTEE_CHECK(bytes.ok() && reference::parse_record(as_text(*bytes)).ok());
    }
    const auto again = operators::unite_reference_values(&united->text, nullptr);
    TRUSTEE_CHECK(again.ok() && again->text == united->text && again->problems.empty());
  }
  return 0;
}

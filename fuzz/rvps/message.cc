#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/check.h"
#include "codec/base64.h"
#include "kv/memory.h"
#include "rvps/service.h"

using namespace trustee;

namespace {

/// All values of an accepted message are stored and answered, none of a refused one.
void register_and_ask(std::string_view message, Time now) {
  const auto space = kv::create_memory_store()->open(rvps::kNamespace).value();
  const auto values = rvps::register_message(*space, message, now);
  const auto loaded = rvps::load(*space).value();
  TRUSTEE_CHECK(loaded.unreadable.empty());
  TRUSTEE_CHECK(values.ok() ? loaded.values.size() == values->size() : loaded.values.empty());
  if (!values.ok()) return;
  for (const reference::ReferenceValue& value : *values) {
    const auto answer = rvps::query(*space, value.name, rvps::Expired::withheld, now);
    TRUSTEE_CHECK(answer.ok() && *answer == value.value);
  }
}

}  // namespace

// The bytes are a message, and the payload of one that is otherwise right.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Time now = from_unix_seconds(1795500000);
  register_and_ask(as_text({data, size}), now);
  register_and_ask(R"({"version":"0.1.0","type":"sample","payload":")" +
                       codec::base64_encode({data, size}) + "\"}",
                   now);
  return 0;
}

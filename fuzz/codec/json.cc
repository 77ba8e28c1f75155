// Whatever is read survives writing, in each form; no input makes the reader or a writer fault.
#include <cstdlib>

#include "base/bytes.h"
#include "codec/json.h"
#include "codec/json_compact.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trustee;
  const std::string_view text = as_text({data, size});
  const auto strict = json::parse(text);
  const auto lax = json::parse(text, json::Duplicates::last_wins);
  if (strict.ok() && (!lax.ok() || !(*strict == *lax))) std::abort();
  if (!lax.ok()) return 0;
  for (const std::string& out :
       {json::write(*lax), json::write_sorted(*lax), json::write_pretty(*lax)}) {
    const auto again = json::parse(out, json::Duplicates::refuse, {.bytes = out.size()});
    if (!again.ok() || !(*again == *lax)) std::abort();
  }
  if (const json::Object* object = lax->as_object(); object != nullptr && strict.ok()) {
    for (const json::Member& m : *object) {
      const auto raw = json::raw_member(text, m.name);
      if (!raw.ok() || !(*json::parse(*raw) == m.value)) std::abort();
    }
  }
  if (strict.ok()) {
    const auto compact = json::parse(json::compacted(text));
    if (!compact.ok() || !(*compact == *strict)) std::abort();
  }
  if (const json::Array* array = lax->as_array(); array != nullptr && strict.ok()) {
    const auto raw = json::raw_elements(text);
    if (!raw.ok() || raw->size() != array->size()) std::abort();
    for (std::size_t i = 0; i < array->size(); ++i) {
      if (!(*json::parse((*raw)[i]) == (*array)[i])) std::abort();
    }
  }
  return 0;
}

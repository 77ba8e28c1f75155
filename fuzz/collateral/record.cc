// What is read as a record is written as the same bytes; a name that is read is written as itself.
#include <cstdlib>

#include "collateral/document.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trustee;
  const Bytes input(data, size);
  const auto id = collateral::parse_document_id(as_text(input));
  if (id.ok() && id->key() != as_text(input)) std::abort();
  const auto record = collateral::decode_record(input);
  if (!record.ok()) return 0;
  const auto again = collateral::encode_record(*record);
  if (!again.ok() || !equal(*again, input)) std::abort();
  return 0;
}

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/check.h"
#include "serve/stored_session.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto now = trustee::from_unix_seconds(1'795'000'000);
  const auto token = trustee::serve::read_stored_session({data, size}, now);
  if (!token.ok()) return 0;
  const auto again =
      trustee::serve::read_stored_session(trustee::serve::write_stored_session(*token, now), now);
  TRUSTEE_CHECK(again.ok() && *again == *token);
  return 0;
}

#include <cstddef>
#include <cstdint>

#include "codec/json.h"
#include "eventlog/claims.h"
#include "eventlog/replay.h"

using namespace trustee;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto log = eventlog::parse({data, size});
  if (!log.ok()) return 0;
  const ByteVec zeros(48, 0);
  const eventlog::Register r{1, eventlog::Algorithm::sha384, zeros};
  (void)eventlog::check_registers(*log, {&r, 1});
  const auto claims = eventlog::claims_of(*log);
  if (!claims.ok()) return 0;
  // What is claimed must be text that our own reader takes.
  if (!json::parse(json::write(json::Value(*claims)), json::Duplicates::refuse,
                   {.bytes = 64U << 20U})
           .ok()) {
    __builtin_trap();
  }
  return 0;
}

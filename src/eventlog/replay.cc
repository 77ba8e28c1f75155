#include "eventlog/replay.h"

#include <algorithm>

#include "base/try.h"
#include "codec/hex.h"
#include "crypto/digest.h"
#include "eventlog/errors.h"

namespace trustee::eventlog {

namespace {

Result<void> check_events_are_measured(const Log& log, const Register& r) {
  for (std::size_t i = 0; i < log.events.size(); ++i) {
    const Event& event = log.events[i];
    if (event.index != r.index) continue;
    const auto count =
        std::count_if(event.digests.begin(), event.digests.end(),
                      [&r](const EventDigest& digest) { return digest.algorithm == r.algorithm; });
    if (count == 1) continue;
    return Error(Errc::event_not_measured, "event " + std::to_string(i) + " of register " +
                                               std::to_string(r.index) + " has " +
                                               std::to_string(count) + " digests of " +
                                               std::string(to_string(r.algorithm)));
  }
  return {};
}

Result<void> check_value(const Log& log, const Register& r) {
  const ByteVec calculated = replay(log, r.index, r.algorithm);
  if (!calculated.empty() && equal(calculated, r.value)) return {};
  return Error(Errc::register_mismatch,
               "Eventlog does not pass measurement replay CC Event Log Measurement Register "
               "[index = " +
                   std::to_string(r.index) + "]. Calculated value: " +
                   codec::hex_encode(calculated) + ", Given value: " + codec::hex_encode(r.value));
}

}  // namespace

ByteVec replay(const Log& log, std::uint32_t index, Algorithm algorithm) {
  const auto hash = hash_of(algorithm);
  if (!hash.has_value()) return {};
  ByteVec value(crypto::digest_size(*hash), 0);
  for (const Event& event : log.events) {
    if (event.index != index) continue;
    for (const EventDigest& digest : event.digests) {
      if (digest.algorithm != algorithm) continue;
      value = to_vec(crypto::digest(*hash, {value, digest.value}).bytes());
    }
  }
  return value;
}

Result<void> check_registers(const Log& log, std::span<const Register> registers) {
  for (const Register& r : registers) {
    TRY_VOID(check_events_are_measured(log, r));
    TRY_VOID(check_value(log, r));
  }
  return {};
}

}  // namespace trustee::eventlog

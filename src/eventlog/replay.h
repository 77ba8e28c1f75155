#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "eventlog/log.h"

namespace trustee::eventlog {

/// A measurement register as verified hardware evidence gives it. Lifetime: a view.
struct Register {
  std::uint32_t index = 0;  ///< as the events name it: TDX's RTMR number plus one
  Algorithm algorithm = Algorithm::sha384;
  Bytes value;
};

/// What register `index` holds after all its events: zeros, then for each digest of `algorithm` in
/// the order of the log the hash of the value so far and that digest. Events of type EV_NO_ACTION
/// count as every other.
/// Shape   as long as the digest; empty for an algorithm that hash_of does not know.
ByteVec replay(const Log& log, std::uint32_t index, Algorithm algorithm);

/// Each register holds what the log replays to, and each of the register's events has exactly one
/// digest of its algorithm, so that nothing unmeasured stands among the measured events.
/// Errors  event_not_measured, register_mismatch (the detail has upstream's words).
Result<void> check_registers(const Log& log, std::span<const Register> registers);

}  // namespace trustee::eventlog

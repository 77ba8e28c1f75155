#pragma once

#include <optional>

#include "attester/machine.h"

namespace trustee::attester {

inline constexpr const char* kCcelPath = "/sys/firmware/acpi/tables/data/CCEL";
inline constexpr const char* kDefaultAaelPath = "/run/attestation-agent/eventlog";
inline constexpr std::size_t kMaxEventLog = 4U << 20U;  ///< bytes of one log
inline constexpr std::size_t kMaxDigests = 16;          ///< of one record

/// The event log that goes with a quote: the firmware's log up to its end (or a fixed header where
/// there is none), the run-time log, eight bytes 0xFF. Nothing where there is neither.
/// Errors  event_log_malformed, of Files.
/// Source  client-and-guest specification 4.4.
Result<std::optional<ByteVec>> event_log(Machine& machine);

/// The firmware's log without its end marker (eight bytes of 0xFF or 0x00 where a record would
/// begin) and what follows. A log without the marker is malformed.
/// Errors  event_log_malformed.      Lifetime: views into `log`.
/// Source  TCG PC Client Platform Firmware Profile, crypto-agile log; the same specification.
Result<Bytes> trimmed_firmware_log(Bytes log);

}  // namespace trustee::attester

#pragma once

#include <functional>

#include "attester/machine.h"
#include "attester/runtime_event.h"

namespace trustee::attester {

inline constexpr const char* kPendingPath = "/run/attestation-agent/.wal_event_entry";
inline constexpr std::size_t kMaxPending = 1U << 20U;

/// The measurement registers that run-time events extend.
struct Registers {
  crypto::Hash hash = crypto::Hash::sha384;
  std::function<std::uint32_t(std::uint32_t pcr)> index_of_pcr;
  std::function<Result<ByteVec>(std::uint32_t index)> read;
  std::function<Result<void>(std::uint32_t index, Bytes digest)> extend;
};

/// RTMR 0 to 3 under the indices 1 to 4. Lifetime: the machine outlives it.
Registers tdx_registers(Machine& machine);

/// An event between its announcement and its log entry.
struct PendingEvent {
  std::uint64_t offset = 0;  ///< where its entry begins in the log
  ByteVec expected;          ///< what the register holds once it is extended
  ByteVec entry;
  friend bool operator==(const PendingEvent&, const PendingEvent&) = default;
};

/// The pending file: u64 offset (big-endian), the register's value, the entry.
/// Errors  event_log_malformed.
Result<PendingEvent> parse_pending(Bytes file, crypto::Hash hash);
ByteVec write_pending(const PendingEvent& pending);

/// Writes events to the log and extends registers so that an interruption at any moment can be made
/// good: what is about to happen is on disk, whole, before the register changes. A pending file
/// that is cut was therefore not left by us.
class RuntimeLog {
 public:
  /// Makes good what was interrupted: a register that has the expected value lacks only the log
  /// entry; one that would have it after the extension is extended first.
  /// Errors  event_log_forked (neither), event_log_malformed, of Files and registers.
  /// Source  client-and-guest specification 4.4.
  static Result<RuntimeLog> open(Machine& machine, Registers registers);

  /// Makes good first what failed in an earlier call.
  /// Errors  event_malformed; those of open.
  Result<void> record(std::uint32_t pcr, const RuntimeEvent& event);

 private:
  RuntimeLog(Machine& machine, Registers registers, std::string path)
      : machine_(&machine), registers_(std::move(registers)), path_(std::move(path)) {}
  Result<void> recover();
  Result<void> finish(const PendingEvent& pending);
  Result<std::uint64_t> log_size();
  ByteVec extended(Bytes value, Bytes digest) const;

  Machine* machine_;
  Registers registers_;
  std::string path_;
};

}  // namespace trustee::attester

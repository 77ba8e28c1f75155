#include "attester/runtime_log.h"

#include "attester/errors.h"
#include "attester/event_log.h"
#include "attester/tdx.h"
#include "base/cursor.h"
#include "base/try.h"

namespace trustee::attester {
namespace {

// Register index and digest of an entry of our own making.
struct EntryHead {
  std::uint32_t index = 0;
  Bytes digest;
};

Result<EntryHead> head_of(Bytes entry, crypto::Hash hash) {
  Cursor in(entry);
  EntryHead out;
  out.index = in.u32le();
  in.skip(8);
  const std::uint16_t algorithm = in.u16le();
  out.digest = in.take(crypto::digest_size(hash));
  if (in.failed() || algorithm != tcg_number(hash)) {
    return Error(Errc::event_log_malformed, "the pending event is malformed");
  }
  return out;
}

}  // namespace

Registers tdx_registers(Machine& machine) {
  const auto rtmr = [](std::uint32_t index) { return index - 1; };
  return {crypto::Hash::sha384, tdx_register_of_pcr,
          [&machine, rtmr](std::uint32_t i) { return tdx_register(machine, rtmr(i)); },
          [&machine, rtmr](std::uint32_t i, Bytes d) { return tdx_extend(machine, rtmr(i), d); }};
}

Result<PendingEvent> parse_pending(Bytes file, crypto::Hash hash) {
  Cursor in(file);
  PendingEvent out;
  out.offset = in.u64be();
  out.expected = to_vec(in.take(crypto::digest_size(hash)));
  out.entry = to_vec(in.take(in.remaining()));
  if (in.failed() || out.offset > kMaxEventLog) {
    return Error(Errc::event_log_malformed, "the pending file is malformed");
  }
  TRY_VOID(head_of(out.entry, hash));
  return out;
}

ByteVec write_pending(const PendingEvent& pending) {
  ByteVec out;
  for (unsigned shift = 64; shift > 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(pending.offset >> (shift - 8)));
  }
  out.insert(out.end(), pending.expected.begin(), pending.expected.end());
  out.insert(out.end(), pending.entry.begin(), pending.entry.end());
  return out;
}

Result<RuntimeLog> RuntimeLog::open(Machine& machine, Registers registers) {
  RuntimeLog out(machine, std::move(registers),
                 machine.environment.aael_path.value_or(kDefaultAaelPath));
  TRY_VOID(out.recover());
  return out;
}

ByteVec RuntimeLog::extended(Bytes value, Bytes digest) const {
  return to_vec(crypto::digest(registers_.hash, {value, digest}).bytes());
}

Result<std::uint64_t> RuntimeLog::log_size() {
  if (!machine_->files.exists(path_)) return std::uint64_t{0};
  TRY(const ByteVec log, machine_->files.read(path_, kMaxEventLog));
  return std::uint64_t{log.size()};
}

Result<void> RuntimeLog::finish(const PendingEvent& pending) {
  TRY_VOID(machine_->files.store(path_, pending.offset, pending.entry));
  return machine_->files.remove(kPendingPath);
}

Result<void> RuntimeLog::recover() {
  if (!machine_->files.exists(kPendingPath)) return {};
  TRY(const ByteVec file, machine_->files.read(kPendingPath, kMaxPending));
  TRY(const PendingEvent pending, parse_pending(file, registers_.hash));
  TRY(const std::uint64_t size, log_size());
  if (pending.offset > size) return Error(Errc::event_log_forked, "the log was cut");
  TRY(const EntryHead head, head_of(pending.entry, registers_.hash));
  TRY(const ByteVec current, registers_.read(head.index));
  if (current == pending.expected) return finish(pending);
  if (extended(current, head.digest) != pending.expected) return Errc::event_log_forked;
  TRY_VOID(registers_.extend(head.index, head.digest));
  return finish(pending);
}

Result<void> RuntimeLog::record(std::uint32_t pcr, const RuntimeEvent& event) {
  TRY_VOID(recover());  // the file that tells of an event that failed must not be replaced
  const std::uint32_t index = registers_.index_of_pcr(pcr);
  PendingEvent pending;
  TRY(pending.entry, event_entry(index, registers_.hash, event));
  TRY(const EntryHead head, head_of(pending.entry, registers_.hash));
  TRY(pending.offset, log_size());
  TRY(const ByteVec current, registers_.read(index));
  pending.expected = extended(current, head.digest);
  TRY_VOID(machine_->files.replace(kPendingPath, write_pending(pending)));
  TRY_VOID(registers_.extend(index, head.digest));
  return finish(pending);
}

}  // namespace trustee::attester

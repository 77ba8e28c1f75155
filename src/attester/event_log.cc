#include "attester/event_log.h"

#include <algorithm>
#include <array>

#include "attester/errors.h"
#include "base/cursor.h"
#include "base/try.h"

namespace trustee::attester {
namespace {

constexpr std::size_t kMarkerSize = 8;
constexpr std::uint32_t kEvNoAction = 3;
constexpr std::size_t kSha1Size = 20;

// A first record that tells the digests which follow: SHA-384 of 48 bytes and SM3 of 32.
constexpr std::array<std::uint8_t, 69> kHeader = {
    0, 0, 0, 0, 3, 0,  0, 0, 0, 0, 0, 0, 0, 0, 0,    0, 0,  0, 0,    0, 0,  0, 0,
    0, 0, 0, 0, 0, 37, 0, 0, 0, 0, 0, 0, 0, 0, 0,    0, 0,  0, 0,    0, 0,  0, 0,
    0, 0, 0, 0, 0, 0,  0, 0, 0, 0, 2, 0, 0, 0, 0x0c, 0, 48, 0, 0x12, 0, 32, 0, 0};

Error malformed(const Cursor& in, std::string_view what) {
  return Error(Errc::event_log_malformed,
               std::string(what) + " at byte " + std::to_string(in.offset()));
}

bool is_marker(Bytes bytes) {
  const auto all = [&](std::uint8_t value) {
    return std::all_of(bytes.begin(), bytes.end(), [=](std::uint8_t b) { return b == value; });
  };
  return all(0xFF) || all(0);
}

std::size_t size_of_digest(std::uint16_t algorithm) {
  switch (algorithm) {
    case 0x0004:
      return kSha1Size;
    case 0x000B:
    case 0x0012:
      return 32;
    case 0x000C:
      return 48;
    case 0x000D:
      return 64;
    default:
      return 0;  // unknown: the caller refuses
  }
}

// u32 index, u32 type, u32 count, count × (u16 algorithm, digest), u32 size, event
Result<void> skip_record(Cursor& in) {
  in.skip(8);
  const auto count = in.length_u32le(kMaxDigests);
  if (!count.ok()) return malformed(in, "number of digests");
  for (std::size_t i = 0; i < *count; ++i) {
    const std::size_t size = size_of_digest(in.u16le());
    if (size == 0) return malformed(in, "unknown digest algorithm");
    in.skip(size);
  }
  const auto event = in.length_u32le(in.remaining());
  if (!event.ok()) return malformed(in, "size of an event");
  in.skip(*event);
  return in.failed() ? Result<void>(malformed(in, "a record is cut")) : Result<void>();
}

// The first record has the old form: u32 index, u32 type, SHA-1, u32 size, event. When its type is
// another, what follows the digest is read as records, as servers do.
Result<void> skip_first(Cursor& in) {
  in.skip(4);
  const std::uint32_t type = in.u32le();
  in.skip(kSha1Size);
  if (in.failed()) return malformed(in, "the first record is cut");
  if (type != kEvNoAction) return {};
  const auto size = in.length_u32le(in.remaining());
  if (!size.ok()) return malformed(in, "size of the first event");
  in.skip(*size);
  return in.failed() ? Result<void>(malformed(in, "the first event is cut")) : Result<void>();
}

}  // namespace

Result<Bytes> trimmed_firmware_log(Bytes log) {
  Cursor in(log);
  TRY_VOID(skip_first(in));
  while (in.remaining() >= kMarkerSize) {
    if (is_marker(log.subspan(in.offset(), kMarkerSize))) return log.first(in.offset());
    TRY_VOID(skip_record(in));
  }
  return malformed(in, "no end marker");
}

Result<std::optional<ByteVec>> event_log(Machine& machine) {
  const std::string run_time = machine.environment.aael_path.value_or(kDefaultAaelPath);
  const bool has_firmware = machine.files.exists(kCcelPath);
  const bool has_run_time = machine.files.exists(run_time);
  if (!has_firmware && !has_run_time) return std::optional<ByteVec>();
  ByteVec out;
  if (has_firmware) {
    TRY(const ByteVec log, machine.files.read(kCcelPath, kMaxEventLog));
    TRY(const Bytes trimmed, trimmed_firmware_log(log));
    out = to_vec(trimmed);
  } else {
    out.assign(kHeader.begin(), kHeader.end());
  }
  if (has_run_time) {
    TRY(const ByteVec log, machine.files.read(run_time, kMaxEventLog));
    out.insert(out.end(), log.begin(), log.end());
  }
  out.insert(out.end(), kMarkerSize, 0xFF);
  return std::optional<ByteVec>(std::move(out));
}

}  // namespace trustee::attester

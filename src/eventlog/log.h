#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/digest.h"
#include "eventlog/event_type.h"

namespace trustee::eventlog {

/// Bounds of a log; one past is log_too_large.
inline constexpr std::size_t kMaxLog = 4U << 20U;   ///< bytes
inline constexpr std::size_t kMaxEvents = 16384;    ///< records after the first
inline constexpr std::size_t kMaxAlgorithms = 16;   ///< declared in the first record
inline constexpr std::size_t kMaxDigests = 16;      ///< of one event
inline constexpr std::size_t kMaxDigestSize = 512;  ///< bytes, of algorithms that are no hash

/// TPM_ALG_ID of a digest.
enum class Algorithm : std::uint16_t {
  rsa = 0x1,
  tdes = 0x3,
  sha1 = 0x4,
  sha256 = 0xB,
  sha384 = 0xC,
  sha512 = 0xD,
  sm3 = 0x12,
};

/// `SHA-384` and so on, as claims name it.
std::string_view to_string(Algorithm algorithm);
/// The hash that we compute, or nothing.
std::optional<crypto::Hash> hash_of(Algorithm algorithm);

struct EventDigest {
  Algorithm algorithm = Algorithm::sha384;
  Bytes value;
};

/// One record of the log. Lifetime: views into the parsed bytes.
struct Event {
  std::uint32_t index = 0;  ///< of the measurement register
  EventType type = EventType::no_action;
  std::vector<EventDigest> digests;
  Bytes data;
};

/// A log in its order, without its first record. It proves nothing before its registers are
/// compared (replay.h). Lifetime: views into the parsed bytes.
struct Log {
  std::vector<Event> events;
};

/// Reads a log in the TCG's crypto-agile format, up to its end or eight bytes of 00 or FF at the
/// start of a record. All lengths are checked against what is left.
/// Errors  log_too_large, log_malformed, event_type_unknown, algorithm_unknown,
///         digest_size_undeclared, digest_size_wrong.
/// Source  TCG PC Client Platform Firmware Profile 1.06 rev 52, 10.2 and 10.4.5.1.
Result<Log> parse(Bytes in);

}  // namespace trustee::eventlog

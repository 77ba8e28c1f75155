#include "eventlog/log.h"

#include <array>
#include <string>
#include <utility>

#include "base/check.h"
#include "base/cursor.h"
#include "base/try.h"
#include "codec/hex.h"
#include "eventlog/errors.h"

namespace trustee::eventlog {

namespace {

constexpr struct AlgorithmRow {
  Algorithm algorithm;
  std::string_view name;
  std::size_t size;  ///< 0: any
  std::optional<crypto::Hash> hash;
} kAlgorithms[] = {
    {Algorithm::rsa, "RSA", 0, std::nullopt},
    {Algorithm::tdes, "TDES", 0, std::nullopt},
    {Algorithm::sha1, "SHA-1", 20, std::nullopt},
    {Algorithm::sha256, "SHA-256", 32, crypto::Hash::sha256},
    {Algorithm::sha384, "SHA-384", 48, crypto::Hash::sha384},
    {Algorithm::sha512, "SHA-512", 64, crypto::Hash::sha512},
    {Algorithm::sm3, "SM3", 32, crypto::Hash::sm3},
};
constexpr std::size_t kAlgorithmCount = std::size(kAlgorithms);

std::size_t row_of(Algorithm algorithm) {
  for (std::size_t i = 0; i < kAlgorithmCount; ++i) {
    if (kAlgorithms[i].algorithm == algorithm) return i;
  }
  TRUSTEE_CHECK(false);  // every enumerator has its row
}

/// Declared digest sizes, by row of kAlgorithms.
using DigestSizes = std::array<std::optional<std::size_t>, kAlgorithmCount>;

std::string hexadecimal(std::uint32_t n) {
  ByteArray<4> bytes{};
  for (std::size_t i = 0; i < 4; ++i) {
    bytes[3 - i] = static_cast<std::uint8_t>(n >> (8 * i));
  }
  const std::string digits = codec::hex_encode(bytes);
  const std::size_t first = digits.find_first_not_of('0');
  return first == std::string::npos ? "0" : digits.substr(first);
}

Error malformed(const Error& cause) { return {Errc::log_malformed, cause.to_string()}; }

/// A count or length below `max`, or why not: too much, or cut off.
Result<std::size_t> checked(Result<std::size_t> length) {
  if (length.ok()) return length;
  if (length.error().is(CursorErrc::length_out_of_bounds)) {
    return Error(Errc::log_too_large, length.error().to_string());
  }
  return malformed(length.error());
}

Result<EventType> read_type(Cursor& c) {
  const std::uint32_t number = c.u32le();
  if (auto read = c.status(); !read.ok()) return malformed(read.error());
  if (const auto type = event_type_of(number); type.has_value()) return *type;
  return Error(Errc::event_type_unknown, "Unknown event type detected: 0x" + hexadecimal(number));
}

Result<Algorithm> read_algorithm(Cursor& c) {
  const std::uint16_t number = c.u16le();
  if (auto read = c.status(); !read.ok()) return malformed(read.error());
  for (const AlgorithmRow& row : kAlgorithms) {
    if (static_cast<std::uint16_t>(row.algorithm) == number) return row.algorithm;
  }
  return Error(Errc::algorithm_unknown, "Unknown algorithm type detected: " + hexadecimal(number));
}

/// One entry of the table of digest sizes.
Result<void> read_digest_size(Cursor& c, DigestSizes& sizes) {
  TRY(const Algorithm algorithm, read_algorithm(c));
  TRY(const std::size_t size, checked(c.length_u16le(kMaxDigestSize)));
  const std::size_t row = row_of(algorithm);
  const std::size_t expected = kAlgorithms[row].size;
  if (expected != 0 && size != expected) {
    return Error(Errc::digest_size_wrong,
                 std::string(kAlgorithms[row].name) + " of " + std::to_string(size) + " bytes");
  }
  sizes[row] = size;
  return {};
}

/// TCG_EfiSpecIdEvent: which digests the records carry, and how long each is.
Result<DigestSizes> read_digest_sizes(Bytes data) {
  Cursor c(data);
  c.skip(24);  // signature, platform class, specification version, uintn size
  TRY(const std::size_t count, checked(c.length_u32le(kMaxAlgorithms)));
  DigestSizes sizes{};
  for (std::size_t i = 0; i < count; ++i) {
    TRY_VOID(read_digest_size(c, sizes));
  }
  TRY(const std::size_t vendor, checked(c.length_u8(0xFF)));
  c.skip(vendor);
  if (c.finish().ok()) return sizes;
  return Error(Errc::log_malformed, "Unexpected data size consumed for detecting digests");
}

/// The first record, in the format of TPM 1.2. One that is no TCG_EfiSpecIdEvent declares nothing.
Result<DigestSizes> read_first_record(Cursor& c) {
  c.skip(4);  // register
  TRY(const EventType type, read_type(c));
  c.skip(20);  // SHA-1
  TRY(const std::size_t size, checked(c.length_u32le(kMaxLog)));
  if (type != EventType::no_action) return DigestSizes{};
  const Bytes data = c.take(size);
  if (auto read = c.status(); !read.ok()) return malformed(read.error());
  return read_digest_sizes(data);
}

Result<EventDigest> read_digest(Cursor& c, const DigestSizes& sizes) {
  TRY(const Algorithm algorithm, read_algorithm(c));
  const auto size = sizes[row_of(algorithm)];
  if (!size.has_value()) {
    return Error(
        Errc::digest_size_undeclared,
        "Missing digest size for algorithm: " + hexadecimal(static_cast<std::uint16_t>(algorithm)));
  }
  return EventDigest{algorithm, c.take(*size)};
}

Result<Event> read_event(Cursor& c, const DigestSizes& sizes) {
  Event event;
  event.index = c.u32le();
  TRY(event.type, read_type(c));
  TRY(const std::size_t count, checked(c.length_u32le(kMaxDigests)));
  event.digests.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    TRY(const EventDigest digest, read_digest(c, sizes));
    event.digests.push_back(digest);
  }
  TRY(const std::size_t size, checked(c.length_u32le(kMaxLog)));
  event.data = c.take(size);
  if (auto read = c.status(); !read.ok()) return malformed(read.error());
  return event;
}

/// Whether the log ends here: eight bytes of 00 or FF. Fewer than eight bytes are malformed.
Result<bool> at_end_mark(const Cursor& c) {
  Cursor ahead = c;
  const std::uint64_t next = ahead.u64le();
  if (auto read = ahead.status(); !read.ok()) return malformed(read.error());
  return next == 0 || next == ~std::uint64_t{0};
}

}  // namespace

std::string_view to_string(Algorithm algorithm) { return kAlgorithms[row_of(algorithm)].name; }

std::optional<crypto::Hash> hash_of(Algorithm algorithm) {
  return kAlgorithms[row_of(algorithm)].hash;
}

Result<Log> parse(Bytes in) {
  if (in.size() > kMaxLog) {
    return Error(Errc::log_too_large, std::to_string(in.size()) + " bytes");
  }
  Cursor c(in);
  TRY(const DigestSizes sizes, read_first_record(c));
  Log log;
  while (c.remaining() != 0) {
    TRY(const bool ended, at_end_mark(c));
    if (ended) break;
    if (log.events.size() == kMaxEvents) {
      return Error(Errc::log_too_large, "more than " + std::to_string(kMaxEvents) + " events");
    }
    TRY(Event event, read_event(c, sizes));
    log.events.push_back(std::move(event));
  }
  return log;
}

}  // namespace trustee::eventlog

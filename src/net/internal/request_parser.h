#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "net/errors.h"
#include "net/http.h"

namespace trustee::net {

/// Finds the end of a request head byte by byte and refuses what other parsers read differently:
/// line ends other than CRLF, folded lines, control characters.
class HeadScan {
 public:
  /// Looks at `input`, which begins with the bytes given before. True when the head is complete.
  /// Errors: head_malformed. Cost: each byte is looked at once over all calls.
  Result<bool> scan(Bytes input);
  /// Bytes of the head, final CRLFCRLF included, once complete.
  std::size_t size() const { return at_; }

 private:
  std::size_t at_ = 0;
  std::size_t line_length_ = 0;
  bool after_cr_ = false;
  bool any_line_ = false;
};

/// Empty lines some clients send before a request. Shape: bytes to drop, at most 8.
std::size_t leading_line_ends(Bytes input);

enum class BodyKind : std::uint8_t { none, sized, chunked };

/// What the head says of the rest.
struct Framing {
  BodyKind body = BodyKind::none;
  std::uint64_t length = 0;  ///< of a sized body
  bool keep_alive = false;
  bool expect_continue = false;
};

struct HeadLimits {
  std::size_t header_count = 100;
  std::size_t body_bytes = 2u << 20;
};

/// Fills method, target, version and headers of `request` from a head that HeadScan found complete.
/// Refuses everything that leaves the body's end open to interpretation.
/// Errors: head_malformed, header_count_exceeded, framing_ambiguous, transfer_coding_unsupported,
/// body_too_large.
Result<Framing> parse_head(Bytes head, HeadLimits limits, Request& request);

/// Longest chunk line (size and extensions), and longest trailer, we accept.
inline constexpr std::size_t kMaxChunkLine = 8192;
/// Most bytes of extensions we accept in one body: no body limit counts them.
inline constexpr std::size_t kMaxExtensions = 8192;

/// Undoes the chunked transfer coding, piece by piece. Our own because Beast's (1.81) stops the
/// process on an assertion when the bytes after the last chunk arrive in small pieces.
/// Source: RFC 9112, section 7.1. Extensions and trailers are read and dropped.
class ChunkDecoder {
 public:
  /// Shape: at most `max` bytes come out over all calls.
  explicit ChunkDecoder(std::size_t max) : max_(max) {}
  /// Consumes all of `input`, or up to the end of the body; adds what it holds to `body`.
  /// Shape: bytes consumed. Errors: chunk_malformed, body_too_large.
  Result<std::size_t> feed(Bytes input, WipedVec& body);
  bool done() const { return state_ == State::done; }

 private:
  enum class State : std::uint8_t { size, data, data_end, trailer, done };
  Result<std::size_t> take_line(Bytes input);
  Result<std::size_t> take_data(Bytes input, WipedVec& body);
  Result<void> end_of_line();
  Result<void> begin_chunk();

  std::size_t max_;
  State state_ = State::size;
  std::string line_;  ///< of the current line, line end excluded
  bool after_cr_ = false;
  std::size_t extension_bytes_ = 0;  ///< of all chunks
  std::size_t trailer_bytes_ = 0;
  std::uint64_t left_ = 0;  ///< of the current chunk
};

}  // namespace trustee::net

#pragma once

#include <cstdint>
#include <memory>

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

struct ParserLimits {
  std::size_t header_count = 100;
  std::size_t body_bytes = 2u << 20;
};

/// Longest chunk line (size and extensions) or trailer we hold.
inline constexpr std::size_t kMaxChunkLine = 8192;

/// Parses one request. Make a new one per request, or reset().
class RequestParser {
 public:
  explicit RequestParser(ParserLimits limits);
  ~RequestParser();
  void reset();

  /// Fills method, target, version and headers of `request` from a head that HeadScan found
  /// complete. Refuses everything that leaves the body's end open to interpretation.
  /// Errors: head_malformed, header_count_exceeded, framing_ambiguous,
  /// transfer_coding_unsupported, body_too_large.
  Result<Framing> parse_head(Bytes head, Request& request);

  /// Decodes what it can of a chunked body into `body`. Shape: bytes consumed.
  /// Errors: chunk_malformed, body_too_large.
  Result<std::size_t> feed_chunked(Bytes input, ByteVec& body);
  bool chunked_done() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
  ParserLimits limits_;
};

}  // namespace trustee::net

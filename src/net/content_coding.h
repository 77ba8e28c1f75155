#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/wiped.h"
#include "net/errors.h"
#include "net/http.h"

namespace trustee::net {

/// What Content-Encoding says of a message with these fields; empty without one.
/// Shape: one coding, known or not. Errors: content_coding_nested (a list or a second field).
Result<std::string> content_coding(const Headers& headers);

/// `gzip`, `x-gzip`, `deflate`, `br` or `zstd`, ASCII case ignored. Any other value of
/// Content-Encoding leaves the body as it is, as upstream does.
bool is_known_content_coding(std::string_view coding);

/// Undoes one content coding. Shape: one complete stream, nothing after it; at most `max` bytes
/// come out, and memory stays within `max` plus the coding's window (8 MiB for zstd, 16 MiB for
/// br). Errors: content_coding_malformed (also truncated, trailing bytes, unknown coding),
/// body_too_large, decoder_unavailable.
Result<WipedVec> decode_content(std::string_view coding, Bytes in, std::size_t max);

/// The bytes as one gzip member, without name and time: equal input gives equal output.
/// Errors: body_too_large (above 4 GiB).
Result<ByteVec> gzip(Bytes in);

}  // namespace trustee::net

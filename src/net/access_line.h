#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/strong.h"

namespace trustee::net {

/// What happened to one request, for the access log and the metrics. Texts are as the client sent
/// them, escape before printing; but queries, which may hold secrets, were taken off.
struct Exchange {
  std::string peer_address;          ///< IP literal without brackets
  std::string request_line;          ///< `GET /x?... HTTP/1.1`; empty when none could be read
  std::string path;                  ///< target up to `?`
  int status = 0;                    ///< of the answer
  std::uint64_t request_bytes = 0;   ///< body as received, before its content coding is undone
  std::uint64_t response_bytes = 0;  ///< body
  std::string referer;               ///< empty when absent
  std::string user_agent;            ///< empty when absent
  std::chrono::microseconds until_head{0};  ///< from the request's first byte to the answer's head
  std::chrono::microseconds total{0};       ///< until the last byte was handed to the system
  bool delivered = false;                   ///< the whole answer was handed to the system
  RequestId id;                             ///< as the answer's `x-request-id`
};

/// A target or URL as it may be logged: what follows the first `?` becomes `...`.
std::string without_query(std::string_view target);

/// The access line: peer, quoted request line, status, bytes, quoted referer, quoted user agent,
/// seconds, request id. Absent texts are `-`; quotes, backslashes, control characters and bytes
/// above 0x7e are written as `\xHH`, so that one request is one line.
/// Source: kbs.md section 13, with the request id added at the end and queries left out.
std::string access_line(const Exchange& exchange);

}  // namespace trustee::net

#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "net/http.h"

namespace trustee::net {

/// What the server adds to a handler's answer.
struct ResponseFrame {
  std::string_view date;
  std::string_view request_id;
  bool close = false;
  bool http_1_0 = false;
  bool head_request = false;  ///< the length is told, the body is not sent
};

/// The answer as bytes: status line, content-length, the handler's fields in their order,
/// x-request-id, connection where the peer must be told, date. Fields that frame the message and
/// fields that cannot be sent are dropped from what the handler gave.
std::string response_head(const Response& response, const ResponseFrame& frame);

/// Whether an answer of this kind has a body on the wire.
bool sends_body(int status, bool head_request);

}  // namespace trustee::net

#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/json.h"
#include "rcar/tee.h"

namespace trustee::client {

/// One request to the server, below its URL.
struct HttpRequest {
  std::string method;
  std::string path;  ///< begins with `/`, query included
  std::vector<std::pair<std::string, std::string>> headers;
  ByteVec body;
};

/// What came back, as far as the client looks at it.
struct HttpAnswer {
  int status = 0;
  std::string body;
  std::vector<std::string> set_cookies;  ///< the fields `set-cookie`
  std::string request_id;                ///< `x-request-id`, or empty
  std::string code;                      ///< `trustee-code`, or empty
  std::string actor;                     ///< `trustee-actor`, or empty
};

/// How the client reaches the server. Blocking. Errors: those of the network.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual Result<HttpAnswer> exchange(const HttpRequest& request) = 0;
};

/// Where evidence comes from.
class EvidenceSource {
 public:
  virtual ~EvidenceSource() = default;
  virtual rcar::Tee primary() const = 0;
  /// Evidence of the primary TEE, bound to `report_data` (a digest, not padded).
  virtual Result<json::Value> evidence(Bytes report_data) = 0;
  /// Evidence of further devices as the JSON text on the wire, or empty when there are none.
  virtual Result<std::string> additional(Bytes report_data) = 0;
};

}  // namespace trustee::client

#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "collateral/freshness.h"
#include "net/http.h"

namespace trustee::fetch {

using collateral::Duration;

/// What an HTTP server answered, whatever its status.
struct HttpAnswer {
  int status = 0;
  net::Headers headers;
  ByteVec body;
};

/// One HTTP(S) GET. Blocking: call it on the I/O pool. Safe from many threads.
class HttpGet {
 public:
  virtual ~HttpGet() = default;
  /// Any status is success. Errors: any; they mean that there was no answer within `timeout`.
  virtual Result<HttpAnswer> get(const std::string& url, Duration timeout) = 0;
};

/// Waiting between attempts.
class Waiting {
 public:
  virtual ~Waiting() = default;
  virtual void pause(Duration d) = 0;
  /// 0 to 100, so that clients that failed together do not come back together.
  virtual std::uint32_t jitter_percent() = 0;
};

/// Sleeps, and draws from the system's random numbers.
class RealWaiting final : public Waiting {
 public:
  void pause(Duration d) override;
  std::uint32_t jitter_percent() override;
};

}  // namespace trustee::fetch

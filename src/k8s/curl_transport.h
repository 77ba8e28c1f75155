#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "k8s/credentials.h"
#include "k8s/transport.h"

namespace trustee::k8s {

/// How the connections behave; the defaults are those of operator.md section 11.1.
struct TransportLimits {
  std::chrono::milliseconds connect{10000};
  std::chrono::milliseconds exchange{30000};
  /// A watch that brings nothing for so long is dead: bookmarks come about every minute.
  std::chrono::seconds silence{180};
  std::size_t answer_bytes = 16U << 20U;
  std::size_t idle_connections = 4;
};

/// HTTP/1.1 over libcurl, connections kept for reuse, one more for each stream. A 401 is tried
/// again once when the token or the certificate that we show was replaced meanwhile, a TLS failure
/// when the certificates were.
class CurlTransport final : public Transport {
 public:
  /// Lifetime  `credentials` outlives it.
  CurlTransport(Credentials& credentials, std::string user_agent, TransportLimits limits = {});
  ~CurlTransport() override;
  CurlTransport(const CurlTransport&) = delete;
  CurlTransport& operator=(const CurlTransport&) = delete;

  Result<HttpAnswer> exchange(const HttpRequest& request, const std::stop_token& stop) override;
  Result<HttpAnswer> stream(const HttpRequest& request, const Sink& sink,
                            const std::stop_token& stop) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trustee::k8s

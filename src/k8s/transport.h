#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "k8s/errors.h"

namespace trustee::k8s {

/// One request to the API server. Credentials are the transport's business.
struct HttpRequest {
  std::string method = "GET";
  std::string target;  ///< path and query
  std::string accept = "application/json";
  std::string content_type{};  ///< of the body
  std::string body{};
};

/// Its answer, whatever the status.
struct HttpAnswer {
  int status = 0;
  std::optional<std::chrono::seconds> retry_after{};
  std::string body{};
};

/// The way to the API server: a port. Blocking; any thread.
class Transport {
 public:
  /// Takes a piece of a streamed body; false ends the stream.
  using Sink = std::function<bool(std::string_view piece)>;

  virtual ~Transport() = default;
  /// Errors  unavailable, peer_not_trusted, answer_too_large, credentials_unreadable, stopped.
  virtual Result<HttpAnswer> exchange(const HttpRequest& request, const std::stop_token& stop) = 0;
  /// Passes the body of an answer with status 200 to `sink` as it comes and returns when it ends
  /// in order or `sink` had enough. The body of any other answer is collected.
  /// Errors  as exchange; watch_cut when it broke off or was silent for too long.
  virtual Result<HttpAnswer> stream(const HttpRequest& request, const Sink& sink,
                                    const std::stop_token& stop) = 0;
};

}  // namespace trustee::k8s

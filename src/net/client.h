#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "net/deadline.h"
#include "net/errors.h"
#include "net/http.h"

namespace trustee::net {

/// How a client connects; the same for all its exchanges.
struct ClientConfig {
  bool allow_http = false;  ///< `http://` as well as `https://`
  /// PEM certificates trusted besides the system's; empty for none.
  std::string extra_roots_pem;
  bool system_roots = true;  ///< false: only `extra_roots_pem` is trusted
  /// Sent unless the request has a `user-agent` field; empty sends none.
  std::string user_agent;
  std::size_t idle_connections = 8;  ///< kept for reuse
  bool use_proxy = true;             ///< false: proxy variables are not looked at
};

/// One request to another server.
struct ClientRequest {
  std::string method = "GET";
  std::string url;  ///< `https://…`, or `http://…` where ClientConfig allows it
  /// Sent as given, in this order; `content-length` comes from the body.
  Headers headers;
  ByteVec body;                               ///< sent with any method unless it is empty
  std::size_t max_response_bytes = 1u << 20;  ///< of the body as it came
  int max_redirects = 0;                      ///< 0: a redirect is an answer like any other
  std::stop_token stop{};                     ///< ends the exchange within a second or so
};

/// Its answer.
struct ClientResponse {
  int status = 0;
  Headers headers{};  ///< of the last answer; repeated fields stay apart
  ByteVec body;       ///< as it came: no content coding is asked for and none is undone
  std::string url;    ///< where the answer came from, after redirects
};

/// Whether nobody else can read what is sent to `url`: https, or plain HTTP to this machine by a
/// loopback address or `localhost`. What only looks like one of these is none.
bool is_private_channel(std::string_view url);

/// An HTTP(S) client. Blocking: call it from a program's own thread or an I/O pool, never from a
/// connection's. Connections are reused; safe from many threads. Proxy variables of the environment
/// (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY and lower case) are honoured, but for plain HTTP
/// to this machine, which goes through no proxy. Certificates and host names are always checked:
/// there is no switch. A certificate may name its hosts and nothing else. A certificate that is
/// trusted itself is enough, whoever issued it. No cookies are kept. Connecting ends after 20
/// seconds, whatever the deadline. A proxy is spoken to without TLS.
class HttpClient {
 public:
  /// Errors: trust_roots_invalid.
  static Result<std::unique_ptr<HttpClient>> create(ClientConfig config);
  ~HttpClient();  ///< no exchange may be under way
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// One exchange; any status is success. A redirect is followed with the same rules for its
  /// scheme: a 301, 302 or 303 after POST with GET, any other method as it is, and without the body
  /// unless it is a 307 or 308.
  /// Errors: url_invalid, scheme_refused, header_invalid, trust_roots_invalid (the library does not
  /// take one), connect_failed (also where no TLS can be agreed on), peer_not_trusted, timed_out,
  /// response_too_large, too_many_redirects, transfer_failed, also when it was stopped.
  Result<ClientResponse> perform(const ClientRequest& request, Deadline deadline);

  struct State;

 private:
  explicit HttpClient(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace trustee::net

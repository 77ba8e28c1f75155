#pragma once

#include <memory>
#include <string>

#include "client/transport.h"
#include "net/client.h"

namespace trustee::apps {

/// The server behind a URL, over HTTP or HTTPS with one extra trusted root. Redirects are not
/// followed: client::Errc::redirected says where they pointed.
class NetTransport final : public client::Transport {
 public:
  /// `url` without a slash at its end; `extra_roots_pem` may be empty. Errors: of net::HttpClient.
  static Result<std::unique_ptr<NetTransport>> create(std::string url, std::string extra_roots_pem);
  Result<client::HttpAnswer> exchange(const client::HttpRequest& request) override;
  const std::string& url() const { return url_; }
  /// Whether nobody on the way can read what is sent.
  bool is_private() const { return net::is_private_channel(url_); }

 private:
  NetTransport(std::string url, std::unique_ptr<net::HttpClient> http)
      : url_(std::move(url)), http_(std::move(http)) {}
  std::string url_;
  std::unique_ptr<net::HttpClient> http_;
};

}  // namespace trustee::apps

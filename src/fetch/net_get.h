#pragma once

#include <memory>

#include "base/result.h"
#include "fetch/ports.h"
#include "net/client.h"

namespace trustee::fetch {

/// HttpGet over the house's HTTP client. Redirects are followed kMaxRedirects
/// times, answers end at kMaxAnswer.
class NetGet final : public HttpGet {
 public:
  static constexpr std::size_t kMaxAnswer = 4U << 20U;  ///< a revocation list is the largest
  static constexpr int kMaxRedirects = 3;

  explicit NetGet(std::unique_ptr<net::HttpClient> client) : client_(std::move(client)) {}
  Result<HttpAnswer> get(const std::string& url, Duration timeout) override;

 private:
  std::unique_ptr<net::HttpClient> client_;
};

}  // namespace trustee::fetch

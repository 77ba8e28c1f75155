#include "fetch/net_get.h"

#include <utility>

#include "base/try.h"

namespace trustee::fetch {

Result<HttpAnswer> NetGet::get(const std::string& url, Duration timeout) {
  net::ClientRequest request;
  request.url = url;
  request.max_response_bytes = kMaxAnswer;
  request.max_redirects = kMaxRedirects;
  const auto deadline = net::Deadline::after(std::chrono::ceil<std::chrono::milliseconds>(timeout));
  TRY(auto answer, client_->perform(request, deadline));
  return HttpAnswer{answer.status, std::move(answer.headers), std::move(answer.body)};
}

}  // namespace trustee::fetch

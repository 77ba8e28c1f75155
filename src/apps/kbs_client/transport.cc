#include "apps/kbs_client/transport.h"

#include "base/try.h"
#include "client/errors.h"
#include "codec/printable.h"

namespace trustee::apps {
namespace {

constexpr std::chrono::seconds kTimeLimit{60};

std::string header_or_empty(const net::Headers& headers, std::string_view name) {
  const std::string* value = headers.find(name);
  return value == nullptr ? std::string() : *value;
}

std::vector<std::string> set_cookies(const net::Headers& headers) {
  std::vector<std::string> out;
  for (const std::string_view field : headers.all("set-cookie")) {
    out.emplace_back(field);
  }
  return out;
}

// Following would send a request, with its token or evidence, where nobody said it may go.
Error redirected(const net::ClientResponse& in) {
  const std::string to = header_or_empty(in.headers, "location");
  return {client::Errc::redirected, "the server redirects (status " + std::to_string(in.status) +
                                        ") to " + (to.empty() ? "nowhere" : codec::printable(to)) +
                                        ", which is not followed"};
}

// Which server it was is what whoever mistyped --url needs first.
Error at_url(const Error& e, const std::string& url) {
  const std::string_view text = e.detail().empty() ? e.code().text() : std::string_view(e.detail());
  return Error(e.code(), "error sending request for url (" + url + ")\n\nCaused by:\n    " +
                             std::string(text));
}

}  // namespace

Result<std::unique_ptr<NetTransport>> NetTransport::create(std::string url,
                                                           std::string extra_roots_pem) {
  while (url.ends_with('/')) {
    url.pop_back();
  }
  net::ClientConfig config;
  config.allow_http = true;
  config.extra_roots_pem = std::move(extra_roots_pem);
  TRY(std::unique_ptr<net::HttpClient> http, net::HttpClient::create(std::move(config)));
  return std::unique_ptr<NetTransport>(new NetTransport(std::move(url), std::move(http)));
}

Result<client::HttpAnswer> NetTransport::exchange(const client::HttpRequest& request) {
  net::ClientRequest out;
  out.method = request.method;
  out.url = url_ + request.path;
  for (const auto& [name, value] : request.headers) {
    out.headers.add(name, value);
  }
  out.body = request.body;
  out.max_response_bytes = 64U << 20U;
  auto done = http_->perform(out, net::Deadline::after(kTimeLimit));
  if (!done.ok()) return at_url(done.error(), out.url);
  const net::ClientResponse& in = *done;
  if (in.status / 100 == 3) return at_url(redirected(in), out.url);
  client::HttpAnswer answer;
  answer.status = in.status;
  answer.body = std::string(as_text(in.body));
  answer.set_cookies = set_cookies(in.headers);
  answer.request_id = header_or_empty(in.headers, "x-request-id");
  answer.code = header_or_empty(in.headers, "trustee-code");
  answer.actor = header_or_empty(in.headers, "trustee-actor");
  return answer;
}

}  // namespace trustee::apps

#include "apps/guest/metadata_service.h"

#include "attester/errors.h"
#include "base/try.h"

namespace trustee::apps {
namespace {

constexpr const char* kRoot = "http://169.254.169.254";
constexpr std::chrono::seconds kTimeLimit{30};

}  // namespace

Result<std::string> MetadataService::ask(net::ClientRequest request, const std::string& path) {
  net::ClientConfig config;
  config.allow_http = true;
  config.use_proxy = false;
  TRY(const std::unique_ptr<net::HttpClient> http, net::HttpClient::create(std::move(config)));
  request.url = kRoot + path;
  request.headers.add("metadata", "true");
  const auto answer = http->perform(request, net::Deadline::after(kTimeLimit));
  if (!answer.ok()) {
    return Error(attester::Errc::metadata_failed, request.url + ": " + answer.error().to_string());
  }
  if (answer->status != 200) {
    return Error(attester::Errc::metadata_failed,
                 request.url + ": status " + std::to_string(answer->status));
  }
  return std::string(as_text(answer->body));
}

Result<std::string> MetadataService::get(const std::string& path) { return ask({}, path); }

Result<std::string> MetadataService::post_json(const std::string& path, const std::string& body) {
  net::ClientRequest request;
  request.method = "POST";
  request.headers.add("content-type", "application/json");
  request.body = to_vec(as_bytes(body));
  return ask(std::move(request), path);
}

}  // namespace trustee::apps

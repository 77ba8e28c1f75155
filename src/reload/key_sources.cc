#include "reload/key_sources.h"

#include "base/try.h"
#include "codec/json.h"
#include "reload/errors.h"
#include "reload/files.h"

namespace trustee::reload {
namespace {

constexpr std::chrono::seconds kFetchLimit{10};
constexpr std::string_view kHttps = "https://";
constexpr std::string_view kFile = "file://";

Result<net::ClientResponse> ask(const std::string& url, net::HttpClient& client) {
  net::ClientRequest request;
  request.url = url;
  request.max_response_bytes = jose::kMaxJwkSetText;
  auto response = client.perform(request, net::Deadline::after(kFetchLimit));
  if (!response.ok()) {
    return Error(Errc::jwks_unavailable, url + ": " + response.error().to_string());
  }
  return response;
}

Result<std::string> fetch(const std::string& url, net::HttpClient& client) {
  TRY(const net::ClientResponse response, ask(url, client));
  if (response.status != 200) {
    return Error(Errc::jwks_unavailable, url + ": status " + std::to_string(response.status));
  }
  return std::string(as_text(response.body));
}

// A set with at least one key; else the URL is taken for an OpenID provider.
Result<jose::JwkSet> usable_set(std::string_view text) {
  TRY(jose::JwkSet set, jose::JwkSet::parse(text));
  if (set.keys().empty()) return Error(Errc::jwks_malformed, "no usable key in the set");
  return set;
}

Result<jose::JwkSet> discover(const std::string& base, net::HttpClient& client) {
  TRY(const std::string text, fetch(discovery_url(base), client));
  const auto document = json::parse(text, json::Duplicates::last_wins);
  const json::Object* object = document.ok() ? document->as_object() : nullptr;
  const json::Value* uri = object == nullptr ? nullptr : object->find("jwks_uri");
  const std::string* target = uri == nullptr ? nullptr : uri->as_string();
  if (target == nullptr) return Error(Errc::jwks_malformed, base + " names no jwks_uri");
  if (!target->starts_with(kHttps)) return Error(Errc::source_scheme, *target);
  TRY(const std::string keys, fetch(*target, client));
  return usable_set(keys);
}

}  // namespace

std::string discovery_url(std::string_view base) {
  std::string out(base.substr(0, base.find_first_of("?#")));
  if (!out.ends_with('/')) out += '/';
  return out + ".well-known/openid-configuration";
}

Result<std::string> load_text(const std::string& source, net::HttpClient& client) {
  if (source.starts_with(kHttps)) return fetch(source, client);
  if (source.starts_with(kFile)) return read_file(source.substr(kFile.size()));
  if (source.find("://") != std::string::npos) {
    return Error(Errc::source_scheme, "unsupported scheme in " + source);
  }
  return read_file(source);
}

Result<jose::JwkSet> load_jwk_set(const std::string& source, net::HttpClient& client) {
  if (!source.starts_with(kHttps)) {
    TRY(const std::string text, load_text(source, client));
    auto set = jose::JwkSet::parse(text);
    if (!set.ok()) {
      return Error(Errc::jwks_malformed, source + ": " + set.error().to_string());
    }
    return set;
  }
  // The base of an OpenID provider may answer anything, 404 as well: then its configuration is
  // asked.
  TRY(const net::ClientResponse response, ask(source, client));
  if (response.status == 200) {
    if (auto set = usable_set(as_text(response.body)); set.ok()) return set;
  }
  return discover(source, client);
}

}  // namespace trustee::reload

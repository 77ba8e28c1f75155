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

/// One source, which may take several exchanges.
struct Fetch {
  net::HttpClient& client;
  const std::stop_token& stop;
  const net::Deadline deadline = net::Deadline::after(kFetchLimit);
};

Result<net::ClientResponse> ask(const std::string& url, const Fetch& fetch) {
  net::ClientRequest request;
  request.url = url;
  request.max_response_bytes = jose::kMaxJwkSetText;
  request.stop = fetch.stop;
  auto response = fetch.client.perform(request, fetch.deadline);
  if (!response.ok()) {
    return Error(Errc::jwks_unavailable, url + ": " + response.error().to_string());
  }
  return response;
}

Result<std::string> text_at(const std::string& url, const Fetch& fetch) {
  TRY(const net::ClientResponse response, ask(url, fetch));
  if (response.status != 200) {
    return Error(Errc::jwks_unavailable, url + ": status " + std::to_string(response.status));
  }
  return std::string(as_text(response.body));
}

// Whether the text is a set with at least one key; else the URL is taken for an OpenID provider.
Result<void> check_usable(std::string_view text) {
  TRY(const jose::JwkSet set, jose::JwkSet::parse(text));
  if (set.keys().empty()) return Error(Errc::jwks_malformed, "no usable key in the set");
  return {};
}

Result<std::string> discover(const std::string& base, const Fetch& fetch) {
  TRY(const std::string text, text_at(discovery_url(base), fetch));
  const auto document = json::parse(text, json::Duplicates::last_wins);
  const json::Object* object = document.ok() ? document->as_object() : nullptr;
  const json::Value* uri = object == nullptr ? nullptr : object->find("jwks_uri");
  const std::string* target = uri == nullptr ? nullptr : uri->as_string();
  if (target == nullptr) return Error(Errc::jwks_malformed, base + " names no jwks_uri");
  if (!is_remote(*target)) return Error(Errc::source_scheme, *target);
  TRY(std::string keys, text_at(*target, fetch));
  TRY_VOID(check_usable(keys));
  return keys;
}

// The base of an OpenID provider may answer anything, 404 as well: then its configuration is asked.
Result<std::string> jwk_set_at(const std::string& url, const Fetch& fetch) {
  TRY(const net::ClientResponse response, ask(url, fetch));
  const std::string_view text = as_text(response.body);
  if (response.status == 200 && check_usable(text).ok()) return std::string(text);
  return discover(url, fetch);
}

}  // namespace

bool is_remote(std::string_view source) { return source.starts_with(kHttps); }

std::string local_path(std::string_view source) {
  if (source.starts_with(kFile)) source.remove_prefix(kFile.size());
  return std::string(source);
}

std::string discovery_url(std::string_view base) {
  std::string out(base.substr(0, base.find_first_of("?#")));
  if (!out.ends_with('/')) out += '/';
  return out + ".well-known/openid-configuration";
}

Result<std::string> read_local(const std::string& source) {
  const std::string path = local_path(source);
  if (path.find("://") != std::string::npos) {
    return Error(Errc::source_scheme, "unsupported scheme in " + source);
  }
  return read_file(path);
}

Result<std::string> AskedAnew::of(const Source& source) {
  if (!is_remote(source.at)) return read_local(source.at);
  const Fetch fetch{client_, stop_};
  return source.kind == Source::Kind::jwk_set ? jwk_set_at(source.at, fetch)
                                              : text_at(source.at, fetch);
}

Result<jose::JwkSet> load_jwk_set(const std::string& source, Texts& texts) {
  TRY(const std::string text, texts.of({Source::Kind::jwk_set, source}));
  auto set = jose::JwkSet::parse(text);
  if (!set.ok()) return Error(Errc::jwks_malformed, source + ": " + set.error().to_string());
  return set;
}

}  // namespace trustee::reload

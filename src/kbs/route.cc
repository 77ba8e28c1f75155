#include "kbs/route.h"

#include <array>

#include "codec/percent.h"

namespace trustee::kbs {
namespace {

constexpr std::string_view kBase = "/kbs/v0/";
constexpr std::string_view kAdminBase = "/kbs/admin/v1/";
constexpr std::string_view kPluginVerbs = "GET, POST, PUT, DELETE";

// An absolute-form target (a request through a proxy) is routed by its path.
std::string_view origin_form(std::string_view target) {
  const std::size_t scheme = target.find("://");
  if (target.starts_with('/') || scheme == std::string_view::npos) return target;
  // The authority ends at the first of these; a slash in the query is no path.
  const std::size_t end = target.find_first_of("/?#", scheme + 3);
  if (end == std::string_view::npos || target[end] != '/') return "/";
  return target.substr(end);
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  while (true) {
    const std::size_t slash = text.find('/');
    out.emplace_back(text.substr(0, slash));
    if (slash == std::string_view::npos) return out;
    text.remove_prefix(slash + 1);
  }
}

struct Builtin {
  std::string_view method;
  std::string_view name;
  Endpoint endpoint;
};
constexpr std::array<Builtin, 7> kBuiltins = {{
    {"POST", "auth", Endpoint::auth},
    {"POST", "attest", Endpoint::attest},
    {"POST", "attestation-policy", Endpoint::set_attestation_policy},
    {"GET", "reference-value", Endpoint::get_reference_value},
    {"POST", "reference-value", Endpoint::set_reference_value},
    {"POST", "resource-policy", Endpoint::set_resource_policy},
    {"GET", "resource-policy", Endpoint::list_resource_policies},
}};

Route not_allowed(std::string_view allow) {
  Route out;
  out.endpoint = Endpoint::method_not_allowed;
  out.allow = allow;
  return out;
}

Route fixed(std::string_view method, std::string_view path) {
  Route out;
  out.path = path;
  if (path == "/metrics") {
    if (method == "GET") {
      out.endpoint = Endpoint::metrics;
      return out;
    }
    return not_allowed(method == "POST" ? "" : "GET, POST");
  }
  if (method != "GET") return out;
  if (path == "/healthz") out.endpoint = Endpoint::healthz;
  if (path == "/livez") out.endpoint = Endpoint::livez;
  if (path == "/readyz") out.endpoint = Endpoint::readyz;
  return out;
}

Route admin(std::string_view method, std::string_view path) {
  Route out;
  out.path = path;
  const std::string_view rest = path.substr(kAdminBase.size());
  if (method != "GET") return not_allowed("GET");
  out.segments = split(rest);
  if (rest == "generation") out.endpoint = Endpoint::generation;
  if (out.segments.size() == 2 && out.segments[0] == "explain") out.endpoint = Endpoint::explain;
  return out;
}

bool is_plugin_verb(std::string_view method) {
  return method == "GET" || method == "POST" || method == "PUT" || method == "DELETE";
}

Route service(std::string_view method, std::string_view path) {
  if (!is_plugin_verb(method)) return not_allowed(kPluginVerbs);
  Route out;
  out.endpoint = Endpoint::plugin;
  out.path = path;
  out.segments = split(path.substr(kBase.size()));
  for (const auto& b : kBuiltins) {
    if (out.segments[0] != b.name || method != b.method) continue;
    out.endpoint = b.endpoint;
    // Segments behind these names are ignored, so they must not take part in an ACL match either.
    if (b.endpoint != Endpoint::get_reference_value) {
      out.path = std::string(kBase) + std::string(b.name);
    }
  }
  return out;
}

Route with_query(Route out, std::string_view query) {
  if (out.endpoint == Endpoint::method_not_allowed || out.endpoint == Endpoint::not_found) {
    return out;
  }
  if (query.size() > kMaxQuery) {
    out.endpoint = Endpoint::query_too_long;
    return out;
  }
  for (auto& [key, value] : codec::form_decode(query)) {
    out.query.insert_or_assign(std::move(key), std::move(value));
  }
  return out;
}

}  // namespace

Route route(std::string_view method, std::string_view target) {
  target = origin_form(target);
  const std::size_t mark = target.find('?');
  const std::string path = codec::percent_decode(target.substr(0, mark));
  const std::string_view query =
      mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
  if (path.starts_with(kBase)) return with_query(service(method, path), query);
  if (path.starts_with(kAdminBase)) return with_query(admin(method, path), query);
  return fixed(method, path);
}

}  // namespace trustee::kbs

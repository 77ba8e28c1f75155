#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace trustee::kbs {

/// What a request line asks for (kbs.md 3.2, 3.3). Decided before anything else is looked at.
enum class Endpoint : std::uint8_t {
  auth,
  attest,
  set_attestation_policy,
  get_reference_value,
  set_reference_value,
  set_resource_policy,
  list_resource_policies,
  plugin,  ///< segments[0] is the plugin's name
  metrics,
  healthz,
  livez,
  readyz,
  generation,          ///< GET /kbs/admin/v1/generation
  explain,             ///< GET /kbs/admin/v1/explain/<request id>
  query_too_long,      ///< 400 in place of what reads the query
  method_not_allowed,  ///< 405 with `allow`, which may be empty
  not_found,           ///< 404, empty body
};

/// The longest query that is decoded, bytes as received without the `?`.
inline constexpr std::size_t kMaxQuery = 8192;

struct Route {
  Endpoint endpoint = Endpoint::not_found;
  std::vector<std::string> segments;         ///< below the base path, decoded; plugin first
  std::map<std::string, std::string> query;  ///< form-decoded; the last of equal keys wins
  std::string path;                          ///< decoded path without query, for ACLs
  std::string_view allow;                    ///< for method_not_allowed
};

/// Routes a request line. `target` is as received (origin form, or absolute form as HTTP/1.1
/// allows for proxies). Never fails: a `%` that starts no escape stays as it is, and bytes that are
/// no UTF-8 stay in path and segments; in the query U+FFFD takes their place.
/// Outside the base paths queries mean nothing and are not looked at.
Route route(std::string_view method, std::string_view target);

}  // namespace trustee::kbs

#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "jose/jwk_set.h"
#include "net/client.h"

namespace trustee::reload {

/// Where a JWK set comes from (kbs.md 6.1): `https://…`, `file://…`, or a local path; any other
/// scheme is refused. What an `https` URL answers may be a JWK set, or the base of an OpenID
/// provider, whose configuration names the set. Only https is followed, also from there.
/// Errors: source_scheme, file_unreadable, jwks_unavailable, jwks_malformed. Cost: blocks, for ten
/// seconds at most.
Result<jose::JwkSet> load_jwk_set(const std::string& source, net::HttpClient& client);

/// The text of such a set, after the same steps; of an https URL it is checked to be a set. Errors:
/// as above, for files file_unreadable only.
Result<std::string> load_jwk_set_text(const std::string& source, net::HttpClient& client);

/// Whether a source is asked for over the network, and else which path it is.
bool is_remote(std::string_view source);
std::string local_path(std::string_view source);

/// `https://host/realms/foo` and the same with a slash give
/// `https://host/realms/foo/.well-known/openid-configuration`; a query is dropped (case K10).
std::string discovery_url(std::string_view base);

/// The text behind `https://…`, `file://…` or a path. Errors: as above.
Result<std::string> load_text(const std::string& source, net::HttpClient& client);

}  // namespace trustee::reload

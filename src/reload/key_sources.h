#pragma once

#include <compare>
#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "jose/jwk_set.h"
#include "net/client.h"

namespace trustee::reload {

/// Where something in the configuration comes from.
struct Source {
  enum class Kind : std::uint8_t {
    text,       ///< a path, `file://…` or `https://…`
    jwk_set,    ///< the same; the URL may be the base of an OpenID provider
    directory,  ///< a path; its files count
  };
  Kind kind = Kind::text;
  std::string at;
  friend auto operator<=>(const Source&, const Source&) = default;
};

/// Gives the texts of sources that are no directories.
class Texts {
 public:
  virtual ~Texts() = default;
  /// Any scheme but `https` and `file` is refused (kbs.md 6.1). Errors: source_scheme,
  /// file_unreadable, file_too_large, jwks_unavailable, jwks_malformed.
  virtual Result<std::string> of(const Source& source) = 0;
};

/// Reads a file and asks a URL at each call. What an `https` URL answers for a JWK set is checked
/// to be one; else it is the base of an OpenID provider, whose configuration names the set. Only
/// https is followed, also from there. Cost: blocks, for ten seconds at most, or until `stop`.
/// Lifetime: `client` outlives it.
class AskedAnew final : public Texts {
 public:
  explicit AskedAnew(net::HttpClient& client, std::stop_token stop = {})
      : client_(client), stop_(std::move(stop)) {}
  Result<std::string> of(const Source& source) override;

 private:
  net::HttpClient& client_;
  const std::stop_token stop_;
};

/// Errors: those of `texts`; jwks_malformed.
Result<jose::JwkSet> load_jwk_set(const std::string& source, Texts& texts);

/// Whether a source is asked for over the network, and else which path it is.
bool is_remote(std::string_view source);
std::string local_path(std::string_view source);
/// The text of a source that is not asked for over the network. Errors: as `Texts::of`.
Result<std::string> read_local(const std::string& source);

/// `https://host/realms/foo` and the same with a slash give
/// `https://host/realms/foo/.well-known/openid-configuration`; a query is dropped (case K10).
std::string discovery_url(std::string_view base);

}  // namespace trustee::reload

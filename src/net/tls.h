#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/errors.h"

typedef struct ssl_ctx_st SSL_CTX;

namespace trustee::net {

/// `old` equals `intermediate`, as it does upstream: TLS 1.0 and 1.1 are never offered.
enum class TlsProfile : std::uint8_t { old, intermediate, modern, custom };
/// The versions that can be offered at all.
enum class TlsVersion : std::uint8_t { v1_2, v1_3 };

/// Shape: lower case; none for any other text.
std::optional<TlsProfile> tls_profile_from_name(std::string_view name);
/// Shape: `1.2` or `1.3`; none for any other text.
std::optional<TlsVersion> tls_version_from_name(std::string_view name);
/// The name that tls_profile_from_name takes.
std::string_view to_string(TlsProfile profile);

/// How the server speaks TLS. Source: kbs.md section 2.3.
struct TlsConfig {
  std::string certificate_file;  ///< PEM chain, leaf first
  std::string private_key_file;  ///< PEM, unencrypted
  TlsProfile profile = TlsProfile::intermediate;
  std::optional<TlsVersion> min_version;  ///< none: the profile's
  std::optional<TlsVersion> max_version;  ///< none: the profile's
  /// OpenSSL names joined by `:`; those beginning with `TLS_` are TLS 1.3 suites, the others are
  /// the TLS 1.2 list. A generation without a name keeps the profile's list.
  std::optional<std::string> ciphers;
  /// Group names joined by `:`, verbatim; else a hybrid post-quantum group where the library knows
  /// one, then X25519, P-256, P-384.
  std::optional<std::string> groups;
};

/// A server's TLS state made from one configuration and the files' content of one moment.
/// Immutable; connections hold what they need of it.
class TlsContext {
 public:
  /// Reads the files, certificate first. Errors: tls_certificate_missing, tls_certificate_invalid,
  /// tls_key_missing, tls_key_invalid, tls_key_mismatch, tls_versions_conflict,
  /// tls_ciphers_invalid, tls_groups_invalid, tls_library.
  static Result<std::shared_ptr<const TlsContext>> create(const TlsConfig& config);

  /// For connections to be made from. Lifetime: that of this object.
  SSL_CTX* native() const;
  /// The groups offered, joined by `:`, and how they came about, for the start-up log:
  /// `TLS groups (auto-detected PQC): ...`.
  const std::string& groups_line() const;
  /// What an administrator should know, e.g. fields that override the profile.
  const std::vector<std::string>& warnings() const;

  struct State;
  explicit TlsContext(std::unique_ptr<State> state);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

 private:
  std::unique_ptr<State> state_;
};

/// A cipher list taken apart by protocol generation. Shape: each joined by `:`, empty for none.
struct SplitCiphers {
  std::string tls12;
  std::string tls13;
};
/// Order is kept; the form of names is not checked.
SplitCiphers split_ciphers(std::string_view list);

}  // namespace trustee::net

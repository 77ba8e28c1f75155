#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "codec/json.h"

namespace trustee::operators {

/// The TLS keys of `[http_server]` with their values, in the order they are written.
struct TlsSettings {
  std::string profile;                                    ///< also names it in the comment
  std::vector<std::pair<std::string, std::string>> keys;  ///< `tls_profile` first
  friend bool operator==(const TlsSettings&, const TlsSettings&) = default;
};

/// Whether `key` is one of the TLS keys of `[http_server]`.
bool is_tls_key(std::string_view key);

/// Reads `spec.tlsConfig` of a TrusteeConfig; null stands for the intermediate profile. Versions,
/// ciphers and groups count for the profile `custom` only; empty lists give no key.
/// Errors  tls_settings_invalid: an unknown profile, a version that KBS does not know (1.0, 1.1),
///         a name with a character that no cipher or group has.
/// Source  operator specification, section 3.11, S8, B18.
Result<TlsSettings> read_tls_settings(const json::Object* tls_config);

/// The comment and the lines, each key with `prefix` in front; between blank lines.
std::string tls_block(const TlsSettings& settings, std::string_view prefix = {});

}  // namespace trustee::operators

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "operator/tls_settings.h"

namespace trustee::operators {

/// Where the KBS finds what was derived from the TLS Secrets.
inline constexpr std::string_view kHttpsKeyPath = "/etc/https-key/privateKey";
inline constexpr std::string_view kHttpsCertPath = "/etc/https-cert/certificate";
inline constexpr std::string_view kTokenKeyPath = "/etc/attestation-key/token.key";
inline constexpr std::string_view kTokenCertPath = "/etc/attestation-cert/token.crt";

/// What the configuration of a KBS depends on; the pod's mounts follow the same facts.
struct KbsTomlFacts {
  bool restricted = false;         ///< tokens of nobody else are believed
  bool token_key = false;          ///< tokens are signed with the derived attestation key
  std::optional<TlsSettings> tls;  ///< HTTPS; without it plain HTTP
};

/// The configuration that a TrusteeConfig starts with: valid keys only, written by a TOML writer.
/// Source  operator specification, section 3.5; docs/configuration.md.
std::string render_kbs_toml(const KbsTomlFacts& facts);

/// Where this configuration, in today's form, is open though a Restricted profile must not be:
/// plain HTTP, tokens believed by the key in their own header, administrators of whom nothing is
/// asked. Names the settings, or is empty.
/// Errors  those of migrate_toml: it could not be checked.
Result<std::string> insecure_settings(std::string_view toml);

}  // namespace trustee::operators

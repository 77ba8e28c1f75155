#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json.h"
#include "operator/conditions.h"
#include "operator/decide.h"
#include "operator/lookup.h"
#include "operator/tls_secret.h"

namespace trustee::operators {

/// One TLS Secret that a TrusteeConfig names, and the two Secrets derived from it.
struct TlsSource {
  TlsUse use;
  std::string_view spec;       ///< member of `spec` that names it
  std::string_view component;  ///< label
  std::string key_secret;
  std::string_view key_entry;
  std::string cert_secret;
  std::string_view cert_entry;
};
TlsSource https_source(const json::Object& tc);
TlsSource attestation_source(const json::Object& tc);

struct DerivedSecrets {
  bool wanted = false;              ///< the TrusteeConfig names a source
  std::vector<json::Object> apply;  ///< bodies, not stamped; the key first
  std::optional<Time> not_after;    ///< of the source's certificate
  std::vector<Problem> problems;
};

/// Copies a checked source into its derived Secrets, at every pass: they follow it. An unfit source
/// leaves what was derived from an earlier one in force; without any it blocks.
/// Source  operator specification, section 3.4, C11, S9; OP-30 to OP-35, OP-49.
DerivedSecrets derive_secrets(const json::Object& tc, const TlsSource& source, bool required,
                              Lookup& lookup, Time now);

}  // namespace trustee::operators

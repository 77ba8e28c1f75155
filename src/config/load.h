#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/document.h"
#include "config/types.h"

namespace trustee::config {

template <class T>
struct Loaded {
  T config;
  /// For the log: unknown keys with the nearest valid one, translated old keys with the new form.
  std::vector<std::string> warnings;
};

/// Reads the KBS configuration from its tree. Old forms are translated (kbs.md 10, product page
/// section 12). Errors: missing_key, wrong_type, invalid_value, unknown_key (under [admin]).
Result<Loaded<Kbs>> load_kbs(const json::Value& root);
/// Reads the configuration of a stand-alone AS (JSON; attestation-service.md section 5).
Result<Loaded<As>> load_as(const json::Value& root);

/// What the configuration asks for that this build does not have, by name; empty when all is there.
/// A server refuses to start with any of these.
std::vector<std::string> not_supported_yet(const Kbs& config);

/// The anchor of docs/configuration.md that explains the section an error text speaks of, or empty
/// (kbs.md 2.1: the first of admin, attestation_service, attestation_token, http_server,
/// storage_backend, plugins that the text contains).
std::string_view help_anchor(std::string_view error_text);

}  // namespace trustee::config

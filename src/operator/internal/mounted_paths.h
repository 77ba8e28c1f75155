#pragma once

#include <string_view>
#include <vector>

#include "codec/json.h"
#include "operator/conditions.h"

namespace trustee::operators::internal {

/// Whether the listener of this configuration speaks TLS. Source: docs/configuration.md.
bool speaks_tls(std::string_view toml);

/// Files below `/etc/https-…` and `/etc/attestation-…` that the configuration names although `kc`
/// names no Secrets for them: the server would end at its start.
/// Source  operator specification, B10; OP-49.
std::vector<Problem> unmounted_paths(std::string_view toml, const json::Object& kc,
                                     bool microservices);

}  // namespace trustee::operators::internal

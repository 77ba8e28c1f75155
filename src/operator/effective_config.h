#pragma once

#include <string>
#include <string_view>

#include "codec/json.h"
#include "operator/conditions.h"
#include "operator/lookup.h"

namespace trustee::operators {

/// Where the KBS finds its session key.
inline constexpr std::string_view kSessionKeyPath = "/etc/session-keys/current";

/// The content of the ConfigMap `<kc>-effective`: what is really in force.
struct EffectiveConfig {
  json::Object data;
  /// The configuration of the KBS, or empty when there is none that it would load.
  std::string toml;
};

/// Takes the ConfigMaps that `kc` names, checks each text as the KBS will, and brings old forms
/// into today's. A text that cannot be used is told, and what was in force before stays in force;
/// without that a policy releases and recognises nothing, and there is no configuration (which
/// blocks). Source  operator specification, C5 to C8, C14; OP-72, OP-77 to OP-80. Cost    compiles
/// each policy: milliseconds.
EffectiveConfig effective_config(const json::Object& kc, Lookup& lookup, Findings& findings);

/// The name of the TrusteeConfig that controls `kc`, or empty.
std::string trustee_owner(const json::Object& kc);

}  // namespace trustee::operators

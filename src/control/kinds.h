#pragma once

#include <string_view>

#include "k8s/resource.h"

namespace trustee::control {

inline constexpr k8s::Resource kTrusteeConfigs{"confidentialcontainers.org", "v1alpha1",
                                               "trusteeconfigs", "TrusteeConfig"};
inline constexpr k8s::Resource kKbsConfigs{"confidentialcontainers.org", "v1alpha1", "kbsconfigs",
                                           "KbsConfig"};
inline constexpr k8s::Resource kProxies{"config.openshift.io", "v1", "proxies", "Proxy", false};

/// The field manager of all that the operator applies, and of what upstream's wrote.
inline constexpr std::string_view kFieldManager = "trustee-operator";
inline constexpr std::string_view kFormerManagers[] = {"manager"};

/// How a kind of objects is read.
enum class Reading : std::uint8_t {
  cached,     ///< followed by an informer
  contents,   ///< metadata followed by an informer, contents read when a decision wants them
  on_demand,  ///< read each time
};

struct Kind {
  k8s::Resource resource;
  Reading reading;
  /// Without the right to read it, a feature is missing but the operator works (C2).
  bool optional;
};

/// The kind of a decision's ObjectRef, or null.
const Kind* kind_named(std::string_view kind);

}  // namespace trustee::control

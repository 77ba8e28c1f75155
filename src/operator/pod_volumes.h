#pragma once

#include <string_view>

#include "codec/json.h"
#include "operator/conditions.h"
#include "operator/lookup.h"

namespace trustee::operators {

/// The volumes of the pod and which container mounts them where.
struct PodVolumes {
  json::Array volumes;
  json::Array kbs;
  json::Array as;
  json::Array rvps;
};

/// Everything a pod of `kc` mounts: directories only, so that the kubelet brings changes into the
/// running pod. Secrets as resources are optional, each under a name that no other volume can have;
/// bad and repeated names are left out. What is required and missing blocks.
/// Source  operator specification, section 4.3, B9, B12, S5; OP-54 to OP-60, OP-75, OP-76.
PodVolumes pod_volumes(const json::Object& kc, bool microservices, Lookup& lookup,
                       Findings& findings);

/// Whether what the KBS writes is kept on a claim of the user's, not in memory.
bool keeps_on_claim(const json::Object& kc);

/// Whether both names are set: only then is either mounted.
bool has_pair(const json::Object& kc, std::string_view key_name, std::string_view cert_name);

}  // namespace trustee::operators

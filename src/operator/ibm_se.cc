#include "operator/ibm_se.h"

#include <utility>

#include "operator/bodies.h"
#include "operator/names.h"
#include "operator/object_tree.h"

namespace trustee::operators {
namespace {

constexpr std::string_view kClaim = "PersistentVolumeClaim";
constexpr std::string_view kVolume = "PersistentVolume";

IbmVolume refused(std::string reason, std::string message) {
  return {.problem = Problem{Aspect::configuration, Weight::blocking, std::move(reason),
                             std::move(message)},
          .create = {},
          .remove = {}};
}

json::Object claim_body(const ObjectRef& ref, std::string_view volume, const json::Object& tc) {
  auto body = body_of(ref);
  own(body, tc, kTrusteeConfig, nullptr);
  body.set("spec", json::Object{{"accessModes", json::Array{"ReadOnlyMany"}},
                                {"resources",
                                 json::Object{{"requests", json::Object{{"storage", "100Mi"}}}}},
                                {"storageClassName", ""},
                                {"volumeName", volume}});
  return body;
}

IbmVolume left_over(const json::Object& tc, const json::Object* claim, const ObjectRef& ref) {
  IbmVolume none;
  if (claim != nullptr && is_controlled_by(*claim, uid_of(tc)) && !is_deleting(*claim)) {
    none.remove = Removal{ref, uid_of(*claim)};
  }
  return none;
}

}  // namespace

IbmVolume ibm_volume(const json::Object& tc, Lookup& lookup, const Surroundings& surroundings) {
  const auto ns = namespace_of(tc);
  const ObjectRef ref{std::string(kClaim), ns, TrusteeNames(name_of(tc)).ibm_claim()};
  const auto* claim = lookup.find(ref.kind, ref.ns, ref.name);
  if (object_at(tc, {"spec", "ibmSE"}) == nullptr) {
    return left_over(tc, claim, ref);
  }
  const auto volume = text_at(tc, {"spec", "ibmSE", "pvName"});
  if (volume.empty()) {
    return refused("VolumeNotNamed", "spec.ibmSE.pvName must be set when ibmSE is configured");
  }
  for (const auto kind : {kVolume, kClaim}) {
    if (surroundings.refused.contains(kind)) {
      return refused("VolumeNotReadable", "ibmSE needs the right to read every " +
                                              std::string(kind) +
                                              "; install the operator's current roles");
    }
  }
  if (lookup.find(kVolume, "", volume) == nullptr) {
    return refused("VolumeMissing", "PersistentVolume \"" + volume +
                                        "\" not found — create the PV before applying the "
                                        "TrusteeConfig");
  }
  IbmVolume ready;
  if (claim == nullptr) {
    ready.create = claim_body(ref, volume, tc);
  } else if (const auto bound = text_at(*claim, {"spec", "volumeName"}); bound != volume) {
    return refused("ClaimOnOtherVolume", "existing IBM SE PVC " + ns + "/" + ref.name +
                                             " is bound to volume \"" + bound + "\", expected \"" +
                                             volume + "\"");
  }
  return ready;
}

}  // namespace trustee::operators

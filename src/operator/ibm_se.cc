#include "operator/ibm_se.h"

#include <utility>

#include "operator/bodies.h"
#include "operator/names.h"
#include "operator/object_tree.h"

namespace trustee::operators {
namespace {

constexpr std::string_view kClaim = "PersistentVolumeClaim";
constexpr std::string_view kVolume = "PersistentVolume";

Problem blocking(std::string reason, std::string message) {
  return {Aspect::configuration, Weight::blocking, std::move(reason), std::move(message)};
}

/// The services of this release know no evidence of theirs.
Problem not_supported() {
  return {Aspect::configuration, Weight::degraded, "TeeNotSupported",
          "spec.ibmSE: this release has no verifier for IBM Secure Execution; such guests are "
          "refused"};
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

/// Removing a claim deletes what a volume holds that is not to be retained.
IbmVolume left_over(const json::Object& tc, const json::Object* claim, const ObjectRef& ref,
                    Lookup& lookup, const Surroundings& surroundings) {
  IbmVolume none;
  if (claim == nullptr || !is_controlled_by(*claim, uid_of(tc)) || is_deleting(*claim)) {
    return none;
  }
  const auto name = text_at(*claim, {"spec", "volumeName"});
  const auto* volume = name.empty() ? nullptr : lookup.find(kVolume, "", name);
  const bool harmless =
      volume == nullptr ? !surroundings.refused.contains(kVolume)
                        : text_at(*volume, {"spec", "persistentVolumeReclaimPolicy"}) == "Retain";
  if (harmless) {
    none.remove = Removal{ref, uid_of(*claim)};
  }
  return none;
}

/// Whom the volume is kept for, if not for our claim. One that was deleted is another one, though
/// it had the same name.
std::optional<Problem> held_by_another(const json::Object& volume, const json::Object* claim,
                                       const ObjectRef& ref) {
  const auto* holder = object_at(volume, {"spec", "claimRef"});
  if (holder == nullptr) {
    return std::nullopt;
  }
  const auto ns = text_at(*holder, {"namespace"});
  const auto name = text_at(*holder, {"name"});
  const auto uid = text_at(*holder, {"uid"});
  const auto kept = "PersistentVolume \"" + name_of(volume) + "\" is kept for ";
  if (ns != ref.ns || name != ref.name) {
    return blocking("VolumeInUse", kept + "claim " + ns + "/" + name +
                                       "; name another volume or, when nobody needs that claim any "
                                       "more, remove spec.claimRef of the volume");
  }
  if (uid.empty() || (claim != nullptr && uid == uid_of(*claim))) {
    return std::nullopt;
  }
  return blocking("VolumeInUse", kept + "an earlier claim " + ns + "/" + name +
                                     "; remove spec.claimRef of the volume");
}

/// Why the claim cannot have the volume.
std::optional<Problem> obstacle(const std::string& volume, const json::Object* claim,
                                const ObjectRef& ref, Lookup& lookup,
                                const Surroundings& surroundings) {
  if (volume.empty()) {
    return blocking("VolumeNotNamed", "spec.ibmSE.pvName must be set when ibmSE is configured");
  }
  for (const auto kind : {kVolume, kClaim}) {
    if (surroundings.refused.contains(kind)) {
      return blocking("VolumeNotReadable", "ibmSE needs the right to read every " +
                                               std::string(kind) +
                                               "; install the operator's current roles");
    }
  }
  const auto* found = lookup.find(kVolume, "", volume);
  if (found == nullptr) {
    return blocking("VolumeMissing", "PersistentVolume \"" + volume +
                                         "\" not found — create the PV before applying the "
                                         "TrusteeConfig");
  }
  const auto bound = claim == nullptr ? volume : text_at(*claim, {"spec", "volumeName"});
  if (bound != volume) {
    return blocking("ClaimOnOtherVolume", "existing IBM SE PVC " + ref.ns + "/" + ref.name +
                                              " is bound to volume \"" + bound + "\", expected \"" +
                                              volume + "\"");
  }
  return held_by_another(*found, claim, ref);
}

}  // namespace

IbmVolume ibm_volume(const json::Object& tc, Lookup& lookup, const Surroundings& surroundings) {
  const ObjectRef ref{std::string(kClaim), namespace_of(tc), TrusteeNames(name_of(tc)).ibm_claim()};
  const auto* claim = lookup.find(ref.kind, ref.ns, ref.name);
  if (object_at(tc, {"spec", "ibmSE"}) == nullptr) {
    return left_over(tc, claim, ref, lookup, surroundings);
  }
  IbmVolume asked;
  const auto volume = text_at(tc, {"spec", "ibmSE", "pvName"});
  if (auto problem = obstacle(volume, claim, ref, lookup, surroundings)) {
    asked.problems.push_back(std::move(*problem));
  } else if (claim == nullptr) {
    asked.create = claim_body(ref, volume, tc);
  }
  asked.problems.push_back(not_supported());
  return asked;
}

}  // namespace trustee::operators

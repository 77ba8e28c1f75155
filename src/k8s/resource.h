#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "codec/json.h"

namespace trustee::k8s {

/// One kind of objects as the API server serves it.
/// Lifetime  views; constants are the rule.
struct Resource {
  std::string_view group;    ///< empty for the core group
  std::string_view version;  ///< e.g. `v1`
  std::string_view plural;   ///< as in the path: `configmaps`
  std::string_view kind;     ///< as in the object: `ConfigMap`
  bool namespaced = true;

  std::string api_version() const;  ///< `apps/v1`, or `v1` in the core group
};

inline constexpr Resource kConfigMaps{"", "v1", "configmaps", "ConfigMap"};
inline constexpr Resource kSecrets{"", "v1", "secrets", "Secret"};
inline constexpr Resource kServices{"", "v1", "services", "Service"};
inline constexpr Resource kPods{"", "v1", "pods", "Pod"};
inline constexpr Resource kVolumeClaims{"", "v1", "persistentvolumeclaims",
                                        "PersistentVolumeClaim"};
inline constexpr Resource kVolumes{"", "v1", "persistentvolumes", "PersistentVolume", false};
inline constexpr Resource kServiceAccounts{"", "v1", "serviceaccounts", "ServiceAccount"};
inline constexpr Resource kDeployments{"apps", "v1", "deployments", "Deployment"};
inline constexpr Resource kDisruptionBudgets{"policy", "v1", "poddisruptionbudgets",
                                             "PodDisruptionBudget"};
inline constexpr Resource kLeases{"coordination.k8s.io", "v1", "leases", "Lease"};
inline constexpr Resource kEvents{"events.k8s.io", "v1", "events", "Event"};
inline constexpr Resource kCoreEvents{"", "v1", "events", "Event"};
inline constexpr Resource kTokenReviews{"authentication.k8s.io", "v1", "tokenreviews",
                                        "TokenReview", false};
inline constexpr Resource kAccessReviews{"authorization.k8s.io", "v1", "subjectaccessreviews",
                                         "SubjectAccessReview", false};

/// Which object of a kind.
struct Key {
  std::string ns;  ///< empty for kinds without namespaces
  std::string name;
  friend auto operator<=>(const Key&, const Key&) = default;
};

/// The path of an object, of one of its subresources, or (without name) of all objects in a
/// namespace or (without namespace too) everywhere. Segments are percent-encoded.
std::string path_of(const Resource& resource, std::string_view ns, std::string_view name = {},
                    std::string_view subresource = {});

/// A member that is a text; empty when it is missing or no string.
/// Lifetime  that of the object, unchanged.
std::string_view text_member(const json::Object& object, std::string_view member);

/// `metadata.<member>` as text; empty when it is missing or no string.
/// Lifetime  that of the object, unchanged.
std::string_view metadata_text(const json::Object& object, std::string_view member);

/// `metadata.namespace` and `metadata.name`.
Key key_of(const json::Object& object);

/// An ownerReference to `owner`: controller, blocking its deletion. The two must share a namespace.
/// Source  operator.md section 2.
json::Object owner_reference(const json::Object& owner);

}  // namespace trustee::k8s

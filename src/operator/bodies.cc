#include "operator/bodies.h"

#include <array>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "codec/hex.h"
#include "crypto/digest.h"
#include "operator/names.h"
#include "operator/object_tree.h"

namespace trustee::operators {
namespace {

struct KindVersion {
  std::string_view kind;
  std::string_view version;
};
constexpr std::array<KindVersion, 8> kVersions = {{{"ConfigMap", "v1"},
                                                   {"Secret", "v1"},
                                                   {"Service", "v1"},
                                                   {"PersistentVolumeClaim", "v1"},
                                                   {"Deployment", "apps/v1"},
                                                   {"PodDisruptionBudget", "policy/v1"},
                                                   {kTrusteeConfig, kApiVersion},
                                                   {kKbsConfig, kApiVersion}}};

std::string_view version_of(std::string_view kind) {
  for (const auto& row : kVersions) {
    if (row.kind == kind) {
      return row.version;
    }
  }
  TRUSTEE_CHECK(false);
  return {};
}

/// Whether the controller of `stored` had the name of `owner` before it: it is gone, since a name
/// is given once.
bool is_of_predecessor(const json::Object& stored, const json::Object& owner,
                       std::string_view kind) {
  const auto* controller = controller_of(stored);
  return controller != nullptr && text_at(*controller, {"apiVersion"}) == kApiVersion &&
         text_at(*controller, {"kind"}) == kind &&
         text_at(*controller, {"name"}) == name_of(owner) &&
         namespace_of(stored) == namespace_of(owner);
}

}  // namespace

json::Object body_of(const ObjectRef& ref) {
  return {{"apiVersion", version_of(ref.kind)},
          {"kind", ref.kind},
          {"metadata", json::Object{{"name", ref.name}, {"namespace", ref.ns}}}};
}

json::Object controller_reference(const json::Object& owner, std::string_view kind) {
  return {{"apiVersion", kApiVersion}, {"kind", kind},       {"name", name_of(owner)},
          {"uid", uid_of(owner)},      {"controller", true}, {"blockOwnerDeletion", true}};
}

void own(json::Object& body, const json::Object& owner, std::string_view kind,
         const json::Object* stored) {
  if (stored != nullptr && !is_controlled_by(*stored, uid_of(owner)) &&
      !is_of_predecessor(*stored, owner, kind)) {
    return;
  }
  set_at(body, {"metadata", "ownerReferences"}, json::Array{controller_reference(owner, kind)});
}

std::string label_value(std::string_view name) {
  constexpr std::size_t kLongest = 63;
  constexpr std::size_t kDigits = 16;
  if (name.size() <= kLongest) {
    return std::string(name);
  }
  return std::string(name.substr(0, kLongest - 1 - kDigits)) + "-" + short_hash(name, kDigits);
}

json::Object standard_labels(std::string_view instance, std::string_view component) {
  return {{"app.kubernetes.io/managed-by", "trustee-operator"},
          {"app.kubernetes.io/part-of", "trustee"},
          {"app.kubernetes.io/instance", label_value(instance)},
          {"app.kubernetes.io/component", component}};
}

bool has_labels(const json::Object& stored, const json::Object& labels) {
  for (const auto& label : labels) {
    const auto* value = value_at(stored, {"metadata", "labels", label.name});
    if (value == nullptr || *value != label.value) {
      return false;
    }
  }
  return true;
}

std::string short_hash(std::string_view text, std::size_t digits) {
  return codec::hex_encode(crypto::sha256(as_bytes(text))).substr(0, digits);
}

}  // namespace trustee::operators

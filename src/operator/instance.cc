#include "operator/instance.h"

#include <tuple>

#include "operator/names.h"
#include "operator/object_tree.h"

namespace trustee::operators {
namespace {

constexpr std::string_view kElsewhere = "NotInOperatorNamespace";

auto age_of(const json::Object& object) {
  return std::tuple(text_at(object, {"metadata", "creationTimestamp"}), name_of(object));
}

bool holds_deployment(const json::Object& object, std::string_view kind, std::string_view ns,
                      Lookup& lookup) {
  const auto* deployment = lookup.find("Deployment", ns, kDeployment);
  if (deployment == nullptr) {
    return false;
  }
  if (kind == kKbsConfig) {
    return is_controlled_by(*deployment, uid_of(object));
  }
  const auto* controller = controller_of(*deployment);
  return controller != nullptr && text_at(*controller, {"kind"}) == kKbsConfig &&
         text_at(*controller, {"name"}) == TrusteeNames(name_of(object)).kbs_config();
}

}  // namespace

std::optional<Problem> check_instance(const json::Object& object, std::string_view kind,
                                      std::string_view operator_namespace, Lookup& lookup) {
  const auto ns = namespace_of(object);
  if (ns != operator_namespace) {
    return Problem{Aspect::configuration, Weight::blocking, std::string(kElsewhere),
                   "nothing is deployed in namespace " + ns + "; create this " + std::string(kind) +
                       " in the operator's namespace " + std::string(operator_namespace)};
  }
  if (holds_deployment(object, kind, ns, lookup)) {
    return std::nullopt;
  }
  for (const auto* other : lookup.list(kind, ns)) {
    if (uid_of(*other) == uid_of(object) || is_deleting(*other)) {
      continue;
    }
    if (holds_deployment(*other, kind, ns, lookup) || age_of(*other) < age_of(object)) {
      return Problem{Aspect::configuration, Weight::blocking, "AnotherInstance",
                     std::string(kind) + " " + name_of(*other) +
                         " is deployed in this namespace already; delete one of the two"};
    }
  }
  return std::nullopt;
}

const json::Object* deployment_of(const json::Object& kc, std::string_view operator_namespace,
                                  Lookup& lookup) {
  const auto* stored = lookup.find("Deployment", operator_namespace, kDeployment);
  if (stored == nullptr || namespace_of(kc) != operator_namespace) {
    return nullptr;
  }
  const bool ours = is_controlled_by(*stored, uid_of(kc)) ||
                    (!has_controller(*stored) &&
                     !check_instance(kc, kKbsConfig, operator_namespace, lookup).has_value());
  return ours ? stored : nullptr;
}

bool is_anothers(const json::Object& object, std::string_view operator_namespace) {
  if (namespace_of(object) == operator_namespace) return false;
  if (bool_at(object, {"status", "isReady"}).value_or(false)) return true;
  const auto* conditions = array_at(object, {"status", "conditions"});
  if (conditions == nullptr) return false;
  for (const auto& value : *conditions) {
    const auto* condition = value.as_object();
    if (condition != nullptr && text_at(*condition, {"reason"}) == kElsewhere) return false;
  }
  return !conditions->empty();
}

}  // namespace trustee::operators

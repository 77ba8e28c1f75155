#include "control/kinds.h"

namespace trustee::control {
namespace {

constexpr Kind kKinds[] = {
    {kTrusteeConfigs, Reading::cached, false},        {kKbsConfigs, Reading::cached, false},
    {k8s::kConfigMaps, Reading::contents, false},     {k8s::kSecrets, Reading::contents, false},
    {k8s::kServices, Reading::cached, false},         {k8s::kDeployments, Reading::cached, false},
    {k8s::kDisruptionBudgets, Reading::cached, true}, {k8s::kPods, Reading::cached, true},
    {k8s::kVolumeClaims, Reading::on_demand, true},   {k8s::kVolumes, Reading::on_demand, true},
};

}  // namespace

const Kind* kind_named(std::string_view kind) {
  for (const Kind& known : kKinds) {
    if (known.resource.kind == kind) return &known;
  }
  return nullptr;
}

}  // namespace trustee::control

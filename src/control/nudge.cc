#include "control/nudge.h"

#include <algorithm>
#include <utility>

#include "codec/hex.h"
#include "crypto/digest.h"
#include "operator/names.h"
#include "operator/object_tree.h"

namespace trustee::control {

bool is_deployed_pod(const json::Object& pod) {
  const std::string hash = operators::text_at(pod, {"metadata", "labels", "pod-template-hash"});
  const json::Array* owners = operators::array_at(pod, {"metadata", "ownerReferences"});
  if (hash.empty() || owners == nullptr) return false;
  const std::string set = std::string(operators::kDeployment) + '-' + hash;
  return std::ranges::any_of(*owners, [&set](const json::Value& value) {
    const json::Object* owner = value.as_object();
    return owner != nullptr && operators::bool_at(*owner, {"controller"}).value_or(false) &&
           operators::text_at(*owner, {"apiVersion"}) == "apps/v1" &&
           operators::text_at(*owner, {"kind"}) == "ReplicaSet" &&
           operators::text_at(*owner, {"name"}) == set;
  });
}

std::string Nudge::versions_of(const std::vector<operators::ObjectRef>& wants) const {
  std::string text;
  for (const auto& object : wants) {
    if (object.kind != "ConfigMap" && object.kind != "Secret") continue;
    const auto found = cache_.find(object);
    if (!found.ok() || *found == nullptr) continue;
    text += object.kind + '/' + object.name + '@' +
            std::string(k8s::metadata_text(**found, "resourceVersion")) + '\n';
  }
  return codec::hex_encode(crypto::sha256(as_bytes(text)));
}

std::size_t Nudge::after(const k8s::WorkKey& owner,
                         const std::vector<operators::ObjectRef>& wants) {
  const std::string now = versions_of(wants);
  const std::string before = std::exchange(seen_[owner], now);
  if (before.empty() || before == now) return 0;
  const auto pods = cache_.list("Pod", owner.ns);
  if (!pods.ok()) return 0;  // no right to see pods: they follow by themselves, later
  const json::Object patch{
      {"metadata",
       json::Object{{"annotations", json::Object{{std::string(kNudgeAnnotation), now}}}}}};
  std::size_t touched = 0;
  for (const auto& pod : *pods) {
    if (!is_deployed_pod(*pod)) continue;
    const auto done = client_.merge_patch(k8s::kPods, k8s::key_of(*pod), patch,
                                          {.field_manager = std::string(kFieldManager)});
    if (done.ok()) ++touched;
    if (!done.ok() && done.error().is(k8s::Errc::forbidden)) break;
  }
  return touched;
}

}  // namespace trustee::control

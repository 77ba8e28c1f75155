#include "control/nudge.h"

#include <algorithm>
#include <utility>

#include "codec/hex.h"
#include "control/writer.h"
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

std::optional<std::string> Nudge::versions_of(
    const std::vector<operators::ObjectRef>& wants) const {
  std::string text;
  for (const auto& object : wants) {
    if (object.kind != "ConfigMap" && object.kind != "Secret") continue;
    const auto found = cache_.find(object);
    if (!found.ok()) return std::nullopt;
    if (*found == nullptr) continue;
    text += object.kind + '/' + object.name + '@' +
            std::string(k8s::metadata_text(**found, "resourceVersion")) + '\n';
  }
  return codec::hex_encode(crypto::sha256(as_bytes(text)));
}

Nudge::Outcome Nudge::after(const k8s::WorkKey& owner,
                            const std::vector<operators::ObjectRef>& wants) {
  const auto now = versions_of(wants);
  if (!now.has_value()) return {.done = false};
  std::string& seen = seen_[owner];
  if (seen.empty()) seen = *now;
  if (seen == *now) return {};
  const Outcome out = touch_pods(owner.ns, *now);
  if (out.done) seen = *now;
  return out;
}

Nudge::Outcome Nudge::touch_pods(const std::string& ns, const std::string& versions) {
  const auto pods = cache_.list("Pod", ns);
  if (!pods.ok()) return {};  // no right to see pods: they follow by themselves, later
  const json::Object patch{
      {"metadata",
       json::Object{{"annotations", json::Object{{std::string(kNudgeAnnotation), versions}}}}}};
  Outcome out;
  for (const auto& pod : *pods) {
    if (!is_deployed_pod(*pod)) continue;
    const auto done = client_.merge_patch(k8s::kPods, k8s::key_of(*pod), patch,
                                          {.field_manager = std::string(kFieldManager)});
    if (done.ok()) {
      ++out.touched;
      continue;
    }
    if (is_refusal(done.error())) break;  // they follow by themselves, later
    out.done = out.done && done.error().is(k8s::Errc::not_found);  // it went meanwhile
  }
  return out;
}

}  // namespace trustee::control

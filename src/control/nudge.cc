#include "control/nudge.h"

#include <utility>

#include "codec/hex.h"
#include "crypto/digest.h"

namespace trustee::control {

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
    const auto done = client_.merge_patch(k8s::kPods, k8s::key_of(*pod), patch,
                                          {.field_manager = std::string(kFieldManager)});
    if (done.ok()) ++touched;
    if (!done.ok() && done.error().is(k8s::Errc::forbidden)) break;
  }
  return touched;
}

}  // namespace trustee::control

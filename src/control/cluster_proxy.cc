#include "control/cluster_proxy.h"

#include "control/kinds.h"

namespace trustee::control {
namespace {

constexpr std::chrono::minutes kHolds{5};

std::string status_text(const json::Object& proxy, std::string_view member) {
  const json::Value* status = proxy.find("status");
  const json::Object* fields = status == nullptr ? nullptr : status->as_object();
  const json::Value* value = fields == nullptr ? nullptr : fields->find(member);
  const std::string* text = value == nullptr ? nullptr : value->as_string();
  return text == nullptr ? std::string() : *text;
}

}  // namespace

std::optional<operators::ClusterProxy> ProxySettings::read() {
  const auto proxy = client_.get(kProxies, {"", "cluster"});
  if (!proxy.ok()) return std::nullopt;
  operators::ClusterProxy out{status_text(*proxy, "httpProxy"), status_text(*proxy, "httpsProxy"),
                              status_text(*proxy, "noProxy")};
  if (out.http.empty() && out.https.empty()) return std::nullopt;
  return out;
}

std::optional<operators::ClusterProxy> ProxySettings::now() {
  const MutexLock lock(mutex_);
  if (!served_.has_value()) {
    const auto group = client_.get_path("/apis/config.openshift.io/v1");
    const bool known = group.ok() || group.error().is(k8s::Errc::not_found) ||
                       group.error().is(k8s::Errc::forbidden);
    if (!known) return std::nullopt;  // asked again with the next decision
    served_ = group.ok();
  }
  if (!*served_) return std::nullopt;
  const k8s::Instant now = client_.pace().now();
  if (!read_at_.has_value() || now - *read_at_ >= kHolds) {
    settings_ = read();
    read_at_ = now;
  }
  return settings_;
}

}  // namespace trustee::control

#include "control/cluster_proxy.h"

#include <utility>

#include "base/try.h"
#include "control/kinds.h"
#include "operator/object_tree.h"

namespace trustee::control {
namespace {

constexpr std::chrono::seconds kHolds{300};
constexpr std::chrono::seconds kAfterFailure{30};

/// Whether the answer says for certain that there is nothing for us.
bool is_none(const Error& error) {
  return error.is(k8s::Errc::not_found) || error.is(k8s::Errc::forbidden);
}

}  // namespace

Result<bool> ProxySettings::served() {
  {
    const MutexLock lock(mutex_);
    if (served_.has_value()) return *served_;
  }
  const auto group = client_.get_path("/apis/config.openshift.io/v1");
  if (!group.ok() && !is_none(group.error())) return group.error();
  const MutexLock lock(mutex_);
  served_ = group.ok();
  return group.ok();
}

Result<ProxySettings::Settings> ProxySettings::read() {
  const auto proxy = client_.get(kProxies, {"", "cluster"});
  if (!proxy.ok()) return is_none(proxy.error()) ? Result<Settings>(Settings()) : proxy.error();
  operators::ClusterProxy out{operators::text_at(*proxy, {"status", "httpProxy"}),
                              operators::text_at(*proxy, {"status", "httpsProxy"}),
                              operators::text_at(*proxy, {"status", "noProxy"})};
  if (out.http.empty() && out.https.empty()) return Settings();
  return Settings(std::move(out));
}

Result<std::optional<operators::ClusterProxy>> ProxySettings::now() {
  TRY(const bool served_here, served());
  if (!served_here) return Settings();
  {
    const MutexLock lock(mutex_);
    if (known_.has_value() && client_.pace().now() < read_next_) return *known_;
  }
  auto settings = read();
  const MutexLock lock(mutex_);
  if (!settings.ok() && !known_.has_value()) return std::move(settings).error();
  if (settings.ok()) known_ = std::move(*settings);
  read_next_ = client_.pace().now() + (settings.ok() ? kHolds : kAfterFailure);
  return *known_;
}

}  // namespace trustee::control

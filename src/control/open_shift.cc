#include "control/open_shift.h"

#include <utility>

#include "base/try.h"
#include "control/kinds.h"
#include "operator/object_tree.h"

namespace trustee::control {
namespace {

constexpr std::chrono::seconds kHolds{300};
constexpr std::chrono::seconds kAfterFailure{30};

}  // namespace

Result<void> OpenShiftWatch::believe(const Error& error) {
  const k8s::Instant now = client_.pace().now();
  const MutexLock lock(mutex_);
  if (error.is(k8s::Errc::not_found)) {
    forbidden_since_.reset();
    return {};
  }
  if (!error.is(k8s::Errc::forbidden)) return error;
  if (!forbidden_since_.has_value()) forbidden_since_ = now;
  if (now - *forbidden_since_ >= k8s::kStartupRefusals) return {};
  return Error(k8s::Errc::unavailable, "forbidden for the moment: " + std::string(error.detail()));
}

Result<bool> OpenShiftWatch::served() {
  const k8s::Instant now = client_.pace().now();
  {
    const MutexLock lock(mutex_);
    if (served_.has_value() && now < ask_next_) return *served_;
  }
  const auto group = client_.get_path("/apis/security.openshift.io/v1");
  if (!group.ok()) TRY_VOID(believe(group.error()));
  const bool refused = !group.ok() && group.error().is(k8s::Errc::forbidden);
  const MutexLock lock(mutex_);
  if (group.ok()) forbidden_since_.reset();
  served_ = group.ok();
  ask_next_ = refused ? now + kHolds : k8s::Instant::max();
  return group.ok();
}

Result<operators::OpenShift> OpenShiftWatch::read() {
  const auto proxy = client_.get(kProxies, {"", "cluster"});
  operators::OpenShift out;
  if (!proxy.ok()) {
    TRY_VOID(believe(proxy.error()));
    return out;
  }
  {
    const MutexLock lock(mutex_);
    forbidden_since_.reset();
  }
  out.http_proxy = operators::text_at(*proxy, {"status", "httpProxy"});
  out.https_proxy = operators::text_at(*proxy, {"status", "httpsProxy"});
  // Says what the two others are not for.
  if (!out.http_proxy.empty() || !out.https_proxy.empty()) {
    out.no_proxy = operators::text_at(*proxy, {"status", "noProxy"});
  }
  return out;
}

Result<std::optional<operators::OpenShift>> OpenShiftWatch::now() {
  using Found = std::optional<operators::OpenShift>;
  TRY(const bool served_here, served());
  if (!served_here) return Found();
  {
    const MutexLock lock(mutex_);
    if (known_.has_value() && client_.pace().now() < read_next_) return Found(*known_);
  }
  auto settings = read();
  const MutexLock lock(mutex_);
  if (!settings.ok() && !known_.has_value()) return std::move(settings).error();
  if (settings.ok()) known_ = std::move(*settings);
  read_next_ = client_.pace().now() + (settings.ok() ? kHolds : kAfterFailure);
  return Found(*known_);
}

}  // namespace trustee::control

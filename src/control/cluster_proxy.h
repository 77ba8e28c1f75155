#pragma once

#include <optional>

#include "base/mutex.h"
#include "k8s/client.h"
#include "operator/decide.h"

namespace trustee::control {

/// OpenShift's cluster-wide proxy settings: looked for once (discovery), then read again every five
/// minutes at most. Elsewhere, and without the right to read them, there are none. Any thread.
class ProxySettings {
 public:
  /// Lifetime  `client` outlives it.
  explicit ProxySettings(k8s::Client& client) : client_(client) {}
  std::optional<operators::ClusterProxy> now();

 private:
  std::optional<operators::ClusterProxy> read();

  k8s::Client& client_;
  Mutex mutex_;
  std::optional<bool> served_ TRUSTEE_GUARDED_BY(mutex_);
  std::optional<k8s::Instant> read_at_ TRUSTEE_GUARDED_BY(mutex_);
  std::optional<operators::ClusterProxy> settings_ TRUSTEE_GUARDED_BY(mutex_);
};

}  // namespace trustee::control

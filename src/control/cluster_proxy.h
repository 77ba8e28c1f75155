#pragma once

#include <optional>

#include "base/mutex.h"
#include "k8s/client.h"
#include "operator/decide.h"

namespace trustee::control {

/// OpenShift's cluster-wide proxy settings: looked for once (discovery), then read again every five
/// minutes at most. Elsewhere, and without the right to read them, there are none. What was read
/// last stays while it cannot be read again. Any thread; a request holds no other thread up.
class ProxySettings {
 public:
  /// Lifetime  `client` outlives it.
  explicit ProxySettings(k8s::Client& client) : client_(client) {}

  /// Errors  those of Client::get but forbidden and not_found, while nothing is known: a Deployment
  /// without the settings must not be written.
  Result<std::optional<operators::ClusterProxy>> now();

 private:
  using Settings = std::optional<operators::ClusterProxy>;
  Result<bool> served();
  Result<Settings> read();

  k8s::Client& client_;
  Mutex mutex_;
  std::optional<bool> served_ TRUSTEE_GUARDED_BY(mutex_);
  std::optional<Settings> known_ TRUSTEE_GUARDED_BY(mutex_);
  k8s::Instant read_next_ TRUSTEE_GUARDED_BY(mutex_){};
};

}  // namespace trustee::control

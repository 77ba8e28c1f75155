#pragma once

#include <optional>

#include "base/mutex.h"
#include "k8s/client.h"
#include "operator/decide.h"

namespace trustee::control {

/// Whether the cluster is OpenShift, or another that gives groups by its security context
/// constraints: looked for once (discovery of security.openshift.io). And the cluster-wide proxy
/// settings, read again every five minutes at most; where there are none, or without the right to
/// read them, there are none. What is forbidden for two seconds only is not known yet. What was
/// read last stays while it cannot be read again. Any thread; a request holds no other thread up.
class OpenShiftWatch {
 public:
  /// Lifetime  `client` outlives it.
  explicit OpenShiftWatch(k8s::Client& client) : client_(client) {}

  /// Nothing where the cluster is another one. Errors  those of Client::get but forbidden and
  /// not_found, while nothing is known: a Deployment without the settings must not be written.
  Result<std::optional<operators::OpenShift>> now();

 private:
  /// Nothing when the error says that there is nothing for us.
  Result<void> believe(const Error& error);
  Result<bool> served();
  Result<operators::OpenShift> read();

  k8s::Client& client_;
  Mutex mutex_;
  std::optional<bool> served_ TRUSTEE_GUARDED_BY(mutex_);
  k8s::Instant ask_next_ TRUSTEE_GUARDED_BY(mutex_){};
  std::optional<k8s::Instant> forbidden_since_ TRUSTEE_GUARDED_BY(mutex_);
  std::optional<operators::OpenShift> known_ TRUSTEE_GUARDED_BY(mutex_);
  k8s::Instant read_next_ TRUSTEE_GUARDED_BY(mutex_){};
};

}  // namespace trustee::control

#include "control/reach.h"

#include "control/kinds.h"

namespace trustee::control {

Result<bool> may_list_everywhere(k8s::Client& client) {
  for (const k8s::Resource* resource : {&kTrusteeConfigs, &kKbsConfigs}) {
    const auto listed = client.get_path(k8s::path_of(*resource, {}) + "?limit=1");
    if (listed.ok()) continue;
    if (listed.error().is(k8s::Errc::forbidden)) return false;
    // Rights are looked at before kinds: this one may be listed, once it is installed.
    if (!listed.error().is(k8s::Errc::not_found)) return listed.error();
  }
  return true;
}

}  // namespace trustee::control

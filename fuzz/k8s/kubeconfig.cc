// Reads a kubeconfig; what is understood names a server.
#include "base/check.h"
#include "k8s/access.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trustee;
  const auto access =
      k8s::access_from_kubeconfig({{std::string(as_text({data, size})), "/etc/kube"}});
  if (!access.ok()) return 0;
  TRUSTEE_CHECK(access->server.starts_with("http"));
  TRUSTEE_CHECK(access->certificate.empty() == access->key.empty());
  return 0;
}

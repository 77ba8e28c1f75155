#include <cstddef>
#include <cstdint>

#include "authz/admin.h"
#include "base/bytes.h"

namespace {

trustee::authz::AdminAuthority authority() {
  std::vector<trustee::authz::IdentityProvider> providers(1);
  providers[0].pem_keys.push_back(
      std::move(trustee::crypto::PrivateKey::generate_ed25519()).value().public_key());
  return std::move(trustee::authz::AdminAuthority::authenticated(std::move(providers),
                                                                 {{"admin", "^/kbs/.*$", {}}}))
      .value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto kAuthority = authority();
  const std::string_view text = trustee::as_text({data, size});
  (void)kAuthority.decide({"POST", "/kbs/v0/x", "/kbs/v0/x", text},
                          trustee::from_unix_seconds(1'795'000'000));
  return 0;
}

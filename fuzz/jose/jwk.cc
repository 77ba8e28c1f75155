// Reads a JWK set; what is understood must survive being written and read again.
#include "base/check.h"
#include "jose/endorsement.h"
#include "jose/jwk_set.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trustee;
  const auto set = jose::JwkSet::parse(as_text({data, size}));
  if (!set.ok()) return 0;
  const auto again = jose::JwkSet::parse(json::write(jose::to_json_set(set->keys())));
  if (!again.ok()) return 0;  // longer than before, beyond the limit
  for (std::size_t i = 0; i < set->keys().size(); ++i) {
    const jose::Jwk& jwk = set->keys()[i];
    (void)jose::signature_scheme(jwk);
    (void)jose::endorse_header_jwk(jwk, {}, Time());
    if (!jwk.key.has_value()) continue;
    TRUSTEE_CHECK(jose::thumbprint(*jwk.key).ok());
  }
  return 0;
}

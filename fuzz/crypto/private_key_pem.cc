#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "crypto/key.h"

using namespace trustee;
using namespace trustee::crypto;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto key = PrivateKey::from_pem(SecretText(std::string(as_text({data, size}))));
  if (key.ok()) {
    TRUSTEE_CHECK(PrivateKey::from_pem(key->to_pem()).value().public_key() == key->public_key());
  }
  return 0;
}

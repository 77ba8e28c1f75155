#include "crypto/random.h"

#include <limits>

#include "base/check.h"
#include "crypto/internal/ossl.h"
#include "crypto/key.h"

namespace trustee::crypto {

void random_bytes(std::span<std::uint8_t> out) {
  TRUSTEE_CHECK(RAND_bytes_ex(nullptr, out.data(), out.size(), 0) == 1);
}

ByteVec random_vec(std::size_t n) {
  ByteVec out(n);
  random_bytes(out);
  return out;
}

SecretBytes random_secret(std::size_t n) {
  ByteVec out(n);
  TRUSTEE_CHECK(RAND_priv_bytes_ex(nullptr, out.data(), out.size(), 0) == 1);
  return SecretBytes(std::move(out));
}

void seed_signatures() {
  const auto key = PrivateKey::generate_ec(Curve::p256);
  TRUSTEE_CHECK(key.ok() && key->sign(SignatureScheme::es256, {}).ok());
}

}  // namespace trustee::crypto

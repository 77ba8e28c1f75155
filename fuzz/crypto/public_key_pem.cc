#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "crypto/key.h"

using namespace trustee;
using namespace trustee::crypto;

namespace {

void look_at(const PublicKey& key) {
  TRUSTEE_CHECK(PublicKey::from_spki(key.spki()).value() == key);
  TRUSTEE_CHECK(PublicKey::from_spki(key.spki()).value().spki() == key.spki());
  const Digest d = digest(Hash::sha256, Bytes());
  for (const std::size_t n : {64u, 96u, 132u}) {
    const ByteVec signature(n, 1);
    TRUSTEE_CHECK(key.verify_ecdsa_digest(d, signature).ok() ==
                  key.verify_ecdsa_digest_openssl(d, signature).ok());
  }
  (void)key.verify(SignatureScheme::rs256, {}, ByteVec(256, 1));
}

}  // namespace

// PEM, or a bare SubjectPublicKeyInfo.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes in(data, size);
  if (const auto key = PublicKey::from_pem(as_text(in)); key.ok()) look_at(*key);
  if (const auto key = PublicKey::from_spki(in); key.ok()) look_at(*key);
  return 0;
}

#include <cstddef>
#include <cstdint>

#include "crypto/x509.h"

using namespace trustee;
using namespace trustee::crypto;

namespace {

const PublicKey& some_key() {
  static const PublicKey key = PrivateKey::generate_ec(Curve::p256).value().public_key();
  return key;
}

void look_at(const Crl& crl) {
  (void)crl.this_update();
  (void)crl.next_update();
  (void)crl.issuer_common_name();
  (void)crl.check(some_key(), Time());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes in(data, size);
  if (const auto crl = Crl::from_der(in); crl.ok()) look_at(*crl);
  if (const auto crl = Crl::from_pem(as_text(in)); crl.ok()) look_at(*crl);
  return 0;
}

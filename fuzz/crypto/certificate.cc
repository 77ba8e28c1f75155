#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "crypto/x509.h"

using namespace trustee;
using namespace trustee::crypto;

namespace {

void look_at(const Certificate& c) {
  (void)c.subject();
  (void)c.subject_common_name();
  (void)c.issuer_common_name();
  (void)c.serial_hex();
  (void)c.is_ca();
  (void)c.extension("1.3.6.1.4.1.3704.1.4");
  (void)c.check_signed_by(c.public_key());
  (void)c.check_valid_at(Time());
  (void)verify_chain(c, {&c, 1}, {&c, 1}, c.not_before());
  // What was read is written again unchanged.
  TRUSTEE_CHECK(Certificate::from_pem(c.pem()).value() == c);
  TRUSTEE_CHECK(PublicKey::from_spki(c.public_key().spki()).value() == c.public_key());
}

}  // namespace

// DER, or PEM when it starts as such.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes in(data, size);
  if (const auto c = Certificate::from_der(in); c.ok()) look_at(*c);
  if (const auto c = Certificate::from_pem(as_text(in)); c.ok()) look_at(*c);
  if (const auto bundle = Certificate::bundle_from_pem(as_text(in), 4); bundle.ok()) {
    TRUSTEE_CHECK(!bundle->empty() && bundle->size() <= 4);
  }
  return 0;
}

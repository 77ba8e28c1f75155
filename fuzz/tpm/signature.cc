#include <cstddef>
#include <cstdint>

#include "tpm/signature.h"

using namespace trustee;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const crypto::PublicKey rsa =
      crypto::PublicKey::from_rsa(ByteVec(256, 0xC5), ByteVec{1, 0, 1}).value();
  static const crypto::PublicKey ecc =
      crypto::PrivateKey::generate_ec(crypto::Curve::p256).value().public_key();
  const auto signature = tpm::parse_signature({data, size});
  if (!signature.ok()) return 0;
  // Nothing but the holder of a key makes signatures.
  if (tpm::check_signature(rsa, *signature, {data, size}).ok()) __builtin_trap();
  if (tpm::check_signature(ecc, *signature, {data, size}).ok()) __builtin_trap();
  return 0;
}

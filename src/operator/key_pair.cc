#include "operator/key_pair.h"

#include "base/bytes.h"
#include "codec/base64.h"
#include "codec/hex.h"
#include "codec/pem.h"
#include "operator/internal/secret_access.h"

namespace trustee::operators {

json::Object auth_secret_data(const crypto::PrivateKey& key) {
  const auto private_pem = key.to_pem();
  const auto public_pem = codec::pem_write("PUBLIC KEY", key.public_key().spki());
  const auto& text = private_pem.reveal(SecretAccessForOperator::key());
  return {{"privateKey", codec::base64_encode(as_bytes(text))},
          {"publicKey", codec::base64_encode(as_bytes(public_pem))}};
}

json::Object session_key_data(const SecretBytes& key) {
  const auto hex = codec::hex_encode(key.reveal(SecretAccessForOperator::key()));
  return {{"current", codec::base64_encode(as_bytes(hex))}};
}

}  // namespace trustee::operators

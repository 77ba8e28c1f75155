#include "jose/internal/ephemeral.h"

#include "base/try.h"
#include "codec/base64.h"
#include "crypto/symmetric.h"
#include "jose/algorithm.h"
#include "jose/errors.h"

namespace trustee::jose {

Result<std::string_view> agreement_curve_name(const crypto::PublicKey& key) {
  const Result<crypto::Curve> curve = key.curve();
  if (!curve.ok()) return Error(Errc::jwe_algorithm_unsupported, "not a curve of the protocol");
  switch (*curve) {
    case crypto::Curve::p256:
      return std::string_view("P-256");
    case crypto::Curve::p521:
      return std::string_view("P-521");
    case crypto::Curve::p384:
      break;
  }
  return Error(Errc::jwe_algorithm_unsupported, "curve P-384");
}

std::string ecdh_protected_text(std::string_view curve_name, Bytes x, Bytes y) {
  std::string header = R"({"alg":"ECDH-ES+A256KW","enc":"A256GCM","epk":{"crv":")";
  header += curve_name;
  header += R"(","kty":"EC","x":")";
  header += codec::base64url_encode(x);
  header += R"(","y":")";
  header += codec::base64url_encode(y);
  header += R"("}})";
  return codec::base64url_encode(as_bytes(header));
}

Result<SecretBytes> agreed_key(const crypto::PrivateKey& own, const crypto::PublicKey& peer) {
  TRY(const SecretBytes z, own.ecdh(peer));
  return crypto::concat_kdf(z, to_string(KeyWrap::ecdh_es_a256kw), 256);
}

}  // namespace trustee::jose

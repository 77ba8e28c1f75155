#include "jose/signer.h"

#include "base/try.h"
#include "codec/base64.h"
#include "jose/algorithm.h"
#include "jose/internal/header.h"

namespace trustee::jose {

Result<std::string> header_with_jwk(const Jwk& jwk) {
  TRY(const crypto::SignatureScheme scheme, signature_scheme(jwk));
  json::Object header;
  header.append("typ", "JWT");
  header.append("alg", to_string(scheme));
  header.append("jwk", to_json(jwk));
  return json::write(std::move(header));
}

Result<Signer> Signer::create(crypto::PrivateKey key, crypto::SignatureScheme scheme,
                              std::string_view header) {
  TRY(const JwsHeader parsed, parse_jws_header(as_bytes(header)));
  if (parsed.scheme != scheme) return Errc::algorithm_mismatch;
  if (!fits(scheme, key.public_key())) return Errc::key_not_for_signatures;
  return Signer(std::move(key), scheme, codec::base64url_encode(as_bytes(header)) + ".");
}

Result<std::string> Signer::sign(Bytes payload) const {
  std::string token = prefix_ + codec::base64url_encode(payload);
  TRY(const ByteVec signature, key_.sign(scheme_, as_bytes(token)));
  token += '.';
  token += codec::base64url_encode(signature);
  return token;
}

}  // namespace trustee::jose

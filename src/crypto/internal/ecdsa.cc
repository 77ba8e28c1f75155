#include "crypto/internal/ecdsa.h"

#include "base/try.h"
#include "crypto/internal/numbers.h"

namespace trustee::crypto {
namespace {

/// Three tags, lengths of up to two bytes, and a zero before each number.
constexpr std::size_t kMaxDerFraming = 3 * 3 + 2;

/// The DER form the library wants.
Result<ByteVec> der_signature(Bytes r_s) {
  const Bytes r = r_s.first(r_s.size() / 2);
  const Bytes s = r_s.last(r_s.size() / 2);
  TRY(BigHandle big_r, own<BigHandle>(BN_bin2bn(r.data(), static_cast<int>(r.size()), nullptr)));
  TRY(BigHandle big_s, own<BigHandle>(BN_bin2bn(s.data(), static_cast<int>(s.size()), nullptr)));
  TRY(const EcdsaSigHandle signature, own<EcdsaSigHandle>(ECDSA_SIG_new()));
  TRY_VOID(ok(ECDSA_SIG_set0(signature.get(), big_r.get(), big_s.get())));
  (void)big_r.release();
  (void)big_s.release();
  TRY(const std::size_t size, length(i2d_ECDSA_SIG(signature.get(), nullptr)));
  ByteVec der(size);
  std::uint8_t* end = der.data();
  TRY_VOID(length(i2d_ECDSA_SIG(signature.get(), &end)));
  return der;
}

Result<ByteVec> raw_signature(Bytes der, std::size_t field) {
  const std::uint8_t* begin = der.data();
  TRY(const EcdsaSigHandle signature,
      own<EcdsaSigHandle>(d2i_ECDSA_SIG(nullptr, &begin, static_cast<long>(der.size()))));
  TRY(ByteVec out, big_endian_padded(ECDSA_SIG_get0_r(signature.get()), field));
  TRY(const ByteVec s, big_endian_padded(ECDSA_SIG_get0_s(signature.get()), field));
  out.insert(out.end(), s.begin(), s.end());
  return out;
}

}  // namespace

Result<void> ecdsa_verify_openssl(const PublicKey::State& key, Bytes digest, Bytes signature) {
  if (!key.curve.has_value()) return Error(Errc::unsupported, "no ECDSA key of a known curve");
  if (signature.size() != 2 * field_size(*key.curve)) {
    return Error(Errc::signature_invalid, "signature of wrong length");
  }
  TRY(const ByteVec der, der_signature(signature));
  TRY(EVP_PKEY* const library_key, key.library_key());
  TRY(const KeyCtxHandle context,
      own<KeyCtxHandle>(EVP_PKEY_CTX_new_from_pkey(nullptr, library_key, nullptr)));
  TRY_VOID(ok(EVP_PKEY_verify_init(context.get())));
  ERR_clear_error();
  const int rc =
      EVP_PKEY_verify(context.get(), der.data(), der.size(), digest.data(), digest.size());
  // A sum at infinity is a bad signature; the library calls it a failure.
  const unsigned long why = ERR_peek_error();
  const bool at_infinity =
      rc < 0 && ERR_GET_LIB(why) == ERR_LIB_EC && ERR_GET_REASON(why) == EC_R_POINT_AT_INFINITY;
  return verdict(at_infinity ? 0 : rc);
}

Result<void> ecdsa_verify(const PublicKey::State& key, Bytes digest, Bytes signature) {
  if (!key.curve.has_value() || !is_awslc_curve(*key.curve)) {
    return ecdsa_verify_openssl(key, digest, signature);
  }
  return key.awslc.verify(*key.curve, key.point, digest, signature);
}

Result<ByteVec> ecdsa_sign(const PrivateKey::State& key, Bytes digest) {
  if (!key.curve().has_value() || !is_awslc_curve(*key.curve())) {
    return ecdsa_sign_openssl(key, digest);
  }
  return key.awslc.sign(*key.curve(), digest, key.scalar);
}

Result<ByteVec> ecdsa_sign_openssl(const PrivateKey::State& key, Bytes digest) {
  const std::optional<Curve> curve = key.curve();
  if (!curve.has_value()) return Error(Errc::unsupported, "no ECDSA key of a known curve");
  TRY(EVP_PKEY* const library_key, key.library_key());
  TRY(const KeyCtxHandle context,
      own<KeyCtxHandle>(EVP_PKEY_CTX_new_from_pkey(nullptr, library_key, nullptr)));
  TRY_VOID(ok(EVP_PKEY_sign_init(context.get())));
  // Not asked for its size: when memory is short the library answers 4 GiB.
  ByteVec der(2 * field_size(*curve) + kMaxDerFraming);
  std::size_t size = der.size();
  TRY_VOID(ok(EVP_PKEY_sign(context.get(), der.data(), &size, digest.data(), digest.size())));
  TRY_VOID(cut(der, size));
  return raw_signature(der, field_size(*curve));
}

}  // namespace trustee::crypto

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/try.h"
#include "crypto/internal/curve.h"
#include "crypto/internal/keys.h"
#include "crypto/internal/numbers.h"
#include "crypto/internal/pem.h"
#include "crypto/key.h"

namespace trustee::crypto {
namespace {

// DER of SubjectPublicKeyInfo up to the point. Source: RFC 5480 section 2.
constexpr std::array<std::uint8_t, 26> kSpki256 = {
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
    0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
constexpr std::array<std::uint8_t, 23> kSpki384 = {0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86,
                                                   0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b,
                                                   0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00};
constexpr std::array<std::uint8_t, 25> kSpki521 = {
    0x30, 0x81, 0x9b, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
    0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23, 0x03, 0x81, 0x86, 0x00};

Bytes spki_prefix(Curve c) {
  switch (c) {
    case Curve::p256:
      return kSpki256;
    case Curve::p384:
      return kSpki384;
    case Curve::p521:
      return kSpki521;
  }
  TRUSTEE_CHECK(false);
  return {};
}

Result<BigHandle> number(EVP_PKEY* key, const char* name) {
  BIGNUM* n = nullptr;
  TRY_VOID(ok(EVP_PKEY_get_bn_param(key, name, &n)));
  return BigHandle(n);
}

/// The curve of an EC key; empty when the protocol does not use it.
Result<std::optional<Curve>> curve_of(EVP_PKEY* key) {
  int is_explicit = 0;
  if (EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &is_explicit) ==
          1 &&
      is_explicit != 0) {
    return Error(Errc::unsupported, "curve given by explicit parameters");
  }
  std::array<char, 64> name{};
  std::size_t size = 0;
  TRY_VOID(ok(EVP_PKEY_get_group_name(key, name.data(), name.size(), &size), Errc::unsupported));
  return curve_named(std::string_view(name.data(), size));
}

PublicKey finished(KeyType type, KeyHandle key) {
  auto state = std::make_shared<PublicKey::State>();
  state->type = type;
  state->key.give(std::move(key));
  return PublicKey(std::move(state));
}

Result<PublicKey> ec_key_from(KeyHandle key) {
  TRY(const std::optional<Curve> curve, curve_of(key.get()));
  if (!curve.has_value()) return finished(KeyType::ec, std::move(key));
  TRY(ByteVec point, point_of(key.get(), *curve));
  auto state = std::make_shared<PublicKey::State>();
  state->curve = curve;
  state->point = std::move(point);
  state->key.give(std::move(key));
  return PublicKey(std::move(state));
}

Result<KeyHandle> rsa_key(const BIGNUM* n, const BIGNUM* e) {
  TRY(const ParamBldHandle builder, own<ParamBldHandle>(OSSL_PARAM_BLD_new()));
  TRY_VOID(ok(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n)));
  TRY_VOID(ok(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e)));
  TRY(const ParamsHandle params, own<ParamsHandle>(OSSL_PARAM_BLD_to_param(builder.get())));
  TRY(const KeyCtxHandle context,
      own<KeyCtxHandle>(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr)));
  TRY_VOID(ok(EVP_PKEY_fromdata_init(context.get())));
  EVP_PKEY* key = nullptr;
  TRY_VOID(ok(EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()),
              Errc::key_malformed));
  return KeyHandle(key);
}

Result<KeyHandle> spki_key(Bytes der) {
  if (der.empty() || der.size() > kMaxKeySize) return Error(Errc::key_malformed, "length");
  const std::uint8_t* end = der.data();
  TRY(KeyHandle key, own<KeyHandle>(d2i_PUBKEY(nullptr, &end, static_cast<long>(der.size())),
                                    Errc::key_malformed));
  if (end != der.data() + der.size()) return Error(Errc::key_malformed, "trailing bytes");
  return key;
}

Result<KeyHandle> pkcs1_key(Bytes der) {
  const std::uint8_t* end = der.data();
  TRY(KeyHandle key,
      own<KeyHandle>(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &end, static_cast<long>(der.size())),
                     Errc::key_malformed));
  if (end != der.data() + der.size()) return Error(Errc::key_malformed, "trailing bytes");
  return key;
}

Bytes coordinate(const PublicKey::State& state, std::size_t index) {
  const std::size_t field = field_size(*state.curve);
  return Bytes(state.point).subspan(1 + index * field, field);
}

}  // namespace

KeyHandle share(EVP_PKEY* key) {
  TRUSTEE_CHECK(EVP_PKEY_up_ref(key) == 1);
  return KeyHandle(key);
}

Result<EVP_PKEY*> PublicKey::State::library_key() const {
  return key.get([this] { return library_public_key(*curve, point); });
}

Result<PublicKey> public_key_from(KeyHandle key) {
  const int bits = EVP_PKEY_get_bits(key.get());
  if (bits <= 0) return library_error(Errc::library);
  switch (EVP_PKEY_get_base_id(key.get())) {
    case EVP_PKEY_EC:
      return ec_key_from(std::move(key));
    case EVP_PKEY_RSA:
    case EVP_PKEY_RSA_PSS:
      if (bits > kMaxRsaBits) return Error(Errc::key_malformed, "RSA modulus too long");
      return finished(KeyType::rsa, std::move(key));
    case EVP_PKEY_ED25519:
      return finished(KeyType::ed25519, std::move(key));
    default:
      return Error(Errc::unsupported, "key type");
  }
}

PublicKey public_key_from_point(Curve curve, ByteVec point) {
  auto state = std::make_shared<PublicKey::State>();
  state->curve = curve;
  state->point = std::move(point);
  return PublicKey(std::move(state));
}

Result<PublicKey> PublicKey::from_ec_point(Curve curve, Bytes x, Bytes y) {
  const std::size_t field = field_size(curve);
  if (x.size() != field || y.size() != field) {
    return Error(Errc::key_malformed, "coordinate of wrong length");
  }
  ByteVec point;
  point.reserve(1 + 2 * field);
  point.push_back(0x04);
  point.insert(point.end(), x.begin(), x.end());
  point.insert(point.end(), y.begin(), y.end());
  TRY_VOID(check_point(curve, point));
  return public_key_from_point(curve, std::move(point));
}

Result<PublicKey> PublicKey::from_rsa(Bytes n, Bytes e) {
  if (n.size() > kMaxKeySize || e.size() > kMaxKeySize) return Error(Errc::key_malformed, "length");
  TRY(const BigHandle big_n,
      own<BigHandle>(BN_bin2bn(n.data(), static_cast<int>(n.size()), nullptr)));
  TRY(const BigHandle big_e,
      own<BigHandle>(BN_bin2bn(e.data(), static_cast<int>(e.size()), nullptr)));
  if (BN_num_bits(big_n.get()) > 4096) return Error(Errc::key_malformed, "modulus above 4096 bits");
  // 2 … 2^33-1
  if (BN_num_bits(big_e.get()) < 2 || BN_num_bits(big_e.get()) > 33) {
    return Error(Errc::key_malformed, "exponent out of range");
  }
  if (BN_is_odd(big_n.get()) == 0 || BN_cmp(big_n.get(), big_e.get()) <= 0) {
    return Error(Errc::key_malformed, "modulus is even or below the exponent");
  }
  TRY(KeyHandle key, rsa_key(big_n.get(), big_e.get()));
  return public_key_from(std::move(key));
}

Result<PublicKey> PublicKey::from_ed25519(Bytes key) {
  TRY(KeyHandle handle, own<KeyHandle>(EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr,
                                                                      key.data(), key.size()),
                                       Errc::key_malformed));
  return public_key_from(std::move(handle));
}

Result<PublicKey> PublicKey::from_pem(std::string_view pem) {
  TRY(const PemBlock block, take_pem_block(pem, Errc::key_malformed));
  if (!is_blank(pem)) return Error(Errc::key_malformed, "text after the PEM block");
  TRY(const ByteVec der, pem_content(block, kMaxKeySize, Errc::key_malformed));
  if (block.label == "PUBLIC KEY") return from_spki(der);
  if (block.label != "RSA PUBLIC KEY") return Error(Errc::key_malformed, "no public key");
  TRY(KeyHandle key, pkcs1_key(der));
  return public_key_from(std::move(key));
}

Result<PublicKey> PublicKey::from_spki(Bytes der) {
  TRY(KeyHandle key, spki_key(der));
  return public_key_from(std::move(key));
}

KeyType PublicKey::type() const { return state_->type; }

Result<Curve> PublicKey::curve() const {
  if (!state_->curve.has_value()) return Error(Errc::unsupported, "no key of P-256, P-384, P-521");
  return *state_->curve;
}

Result<ByteVec> PublicKey::ec_x() const {
  TRY_VOID(curve());
  return to_vec(coordinate(*state_, 0));
}

Result<ByteVec> PublicKey::ec_y() const {
  TRY_VOID(curve());
  return to_vec(coordinate(*state_, 1));
}

Result<ByteVec> PublicKey::rsa_n() const {
  if (state_->type != KeyType::rsa) return Error(Errc::unsupported, "no RSA key");
  TRY(EVP_PKEY* const key, state_->library_key());
  TRY(const BigHandle n, number(key, OSSL_PKEY_PARAM_RSA_N));
  return big_endian(n.get());
}

Result<ByteVec> PublicKey::rsa_e() const {
  if (state_->type != KeyType::rsa) return Error(Errc::unsupported, "no RSA key");
  TRY(EVP_PKEY* const key, state_->library_key());
  TRY(const BigHandle e, number(key, OSSL_PKEY_PARAM_RSA_E));
  return big_endian(e.get());
}

Result<ByteVec> PublicKey::ed25519() const {
  if (state_->type != KeyType::ed25519) return Error(Errc::unsupported, "no Ed25519 key");
  TRY(EVP_PKEY* const key, state_->library_key());
  ByteVec out(32);
  std::size_t size = out.size();
  TRY_VOID(ok(EVP_PKEY_get_raw_public_key(key, out.data(), &size)));
  TRUSTEE_CHECK(size == out.size());
  return out;
}

std::size_t PublicKey::bits() const {
  if (state_->curve.has_value()) return field_bits(*state_->curve);
  // Given and asked already when the key was made.
  return static_cast<std::size_t>(EVP_PKEY_get_bits(state_->library_key().value()));
}

ByteVec PublicKey::spki() const {
  if (state_->curve.has_value()) {
    ByteVec out = to_vec(spki_prefix(*state_->curve));
    out.insert(out.end(), state_->point.begin(), state_->point.end());
    return out;
  }
  // The key was given, so there is one.
  EVP_PKEY* const key = state_->library_key().value();
  const int size = i2d_PUBKEY(key, nullptr);
  TRUSTEE_CHECK(size > 0);
  ByteVec out(static_cast<std::size_t>(size));
  std::uint8_t* end = out.data();
  TRUSTEE_CHECK(i2d_PUBKEY(key, &end) == size);
  return out;
}

bool operator==(const PublicKey& a, const PublicKey& b) {
  const PublicKey::State& left = a.state();
  const PublicKey::State& right = b.state();
  if (left.type != right.type || left.curve != right.curve) return false;
  if (left.curve.has_value()) return left.point == right.point;
  const bool same = EVP_PKEY_eq(left.library_key().value(), right.library_key().value()) == 1;
  (void)drain_errors();
  return same;
}

}  // namespace trustee::crypto

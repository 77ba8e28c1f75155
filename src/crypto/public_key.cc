#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/try.h"
#include "crypto/internal/keys.h"
#include "crypto/internal/pem.h"
#include "crypto/key.h"

namespace trustee::crypto {
namespace {

struct CurveRow {
  Curve curve;
  std::size_t field;
  const char* name;
};
constexpr CurveRow kCurves[] = {{Curve::p256, 32, SN_X9_62_prime256v1},
                                {Curve::p384, 48, SN_secp384r1},
                                {Curve::p521, 66, SN_secp521r1}};

const CurveRow& row(Curve c) {
  for (const CurveRow& r : kCurves) {
    if (r.curve == c) return r;
  }
  TRUSTEE_CHECK(false);
  return kCurves[0];
}

std::optional<Curve> curve_named(std::string_view name) {
  for (const CurveRow& r : kCurves) {
    if (name == r.name) return r.curve;
  }
  return std::nullopt;
}

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

Result<KeyHandle> public_key_of(const char* algorithm, const OSSL_PARAM* params, Errc code) {
  TRY(const KeyCtxHandle context,
      own<KeyCtxHandle>(EVP_PKEY_CTX_new_from_name(nullptr, algorithm, nullptr)));
  TRY_VOID(ok(EVP_PKEY_fromdata_init(context.get())));
  EVP_PKEY* key = nullptr;
  // fromdata takes the parameters by pointer to mutable and does not write to them.
  TRY_VOID(ok(
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, const_cast<OSSL_PARAM*>(params)),
      code));
  return KeyHandle(key);
}

Result<BigHandle> number(EVP_PKEY* key, const char* name) {
  BIGNUM* n = nullptr;
  TRY_VOID(ok(EVP_PKEY_get_bn_param(key, name, &n)));
  return BigHandle(n);
}

/// 04 || x || y, whatever form the key was written in.
Result<ByteVec> uncompressed_point(EVP_PKEY* key, std::size_t field) {
  ByteVec point(1 + 2 * field);
  std::size_t size = 0;
  if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(),
                                      &size) == 1 &&
      size == point.size() && point[0] == 0x04) {
    return point;
  }
  (void)drain_errors();
  TRY(const BigHandle x, number(key, OSSL_PKEY_PARAM_EC_PUB_X));
  TRY(const BigHandle y, number(key, OSSL_PKEY_PARAM_EC_PUB_Y));
  TRY(const ByteVec x_bytes, big_endian_padded(x.get(), field));
  TRY(const ByteVec y_bytes, big_endian_padded(y.get(), field));
  point[0] = 0x04;
  std::ranges::copy(x_bytes, point.begin() + 1);
  std::ranges::copy(y_bytes, point.begin() + 1 + static_cast<std::ptrdiff_t>(field));
  return point;
}

Result<void> fill_ec(PublicKey::State& state) {
  int is_explicit = 0;
  if (EVP_PKEY_get_int_param(state.key.get(), OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
                             &is_explicit) == 1 &&
      is_explicit != 0) {
    return Error(Errc::unsupported, "curve given by explicit parameters");
  }
  std::array<char, 64> name{};
  std::size_t size = 0;
  TRY_VOID(ok(EVP_PKEY_get_group_name(state.key.get(), name.data(), name.size(), &size),
              Errc::unsupported));
  state.curve = curve_named(std::string_view(name.data(), size));
  if (!state.curve.has_value()) return {};
  TRY(state.point, uncompressed_point(state.key.get(), field_size(*state.curve)));
  return {};
}

Result<PublicKey> finished(PublicKey::State state) {
  return PublicKey(std::make_shared<const PublicKey::State>(std::move(state)));
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

std::size_t field_size(Curve c) { return row(c).field; }
const char* library_name(Curve c) { return row(c).name; }

KeyHandle share(EVP_PKEY* key) {
  TRUSTEE_CHECK(EVP_PKEY_up_ref(key) == 1);
  return KeyHandle(key);
}

Result<ByteVec> big_endian(const BIGNUM* n) {
  return big_endian_padded(n, static_cast<std::size_t>(std::max(BN_num_bytes(n), 1)));
}

Result<ByteVec> big_endian_padded(const BIGNUM* n, std::size_t size) {
  ByteVec out(size);
  TRY_VOID(length(BN_bn2binpad(n, out.data(), static_cast<int>(out.size()))));
  return out;
}

Result<PublicKey> public_key_from(KeyHandle key) {
  PublicKey::State state;
  state.key = std::move(key);
  switch (EVP_PKEY_get_base_id(state.key.get())) {
    case EVP_PKEY_EC:
      state.type = KeyType::ec;
      TRY_VOID(fill_ec(state));
      return finished(std::move(state));
    case EVP_PKEY_RSA:
    case EVP_PKEY_RSA_PSS:
      state.type = KeyType::rsa;
      if (EVP_PKEY_get_bits(state.key.get()) > kMaxRsaBits) {
        return Error(Errc::key_malformed, "RSA modulus too long");
      }
      return finished(std::move(state));
    case EVP_PKEY_ED25519:
      state.type = KeyType::ed25519;
      return finished(std::move(state));
    default:
      return Error(Errc::unsupported, "key type");
  }
}

Result<PublicKey> PublicKey::from_ec_point(Curve curve, Bytes x, Bytes y) {
  const std::size_t field = field_size(curve);
  if (x.size() != field || y.size() != field) {
    return Error(Errc::key_malformed, "coordinate of wrong length");
  }
  State state;
  state.curve = curve;
  state.point.reserve(1 + 2 * field);
  state.point.push_back(0x04);
  state.point.insert(state.point.end(), x.begin(), x.end());
  state.point.insert(state.point.end(), y.begin(), y.end());
  std::string group = library_name(curve);
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size()),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, state.point.data(),
                                        state.point.size()),
      OSSL_PARAM_construct_end()};
  TRY(state.key, public_key_of("EC", params, Errc::point_not_on_curve));
  return finished(std::move(state));
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
  TRY(const ParamBldHandle builder, own<ParamBldHandle>(OSSL_PARAM_BLD_new()));
  TRY_VOID(ok(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, big_n.get())));
  TRY_VOID(ok(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, big_e.get())));
  TRY(const ParamsHandle params, own<ParamsHandle>(OSSL_PARAM_BLD_to_param(builder.get())));
  TRY(KeyHandle key, public_key_of("RSA", params.get(), Errc::key_malformed));
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
  TRY(const BigHandle n, number(state_->key.get(), OSSL_PKEY_PARAM_RSA_N));
  return big_endian(n.get());
}

Result<ByteVec> PublicKey::rsa_e() const {
  if (state_->type != KeyType::rsa) return Error(Errc::unsupported, "no RSA key");
  TRY(const BigHandle e, number(state_->key.get(), OSSL_PKEY_PARAM_RSA_E));
  return big_endian(e.get());
}

Result<ByteVec> PublicKey::ed25519() const {
  if (state_->type != KeyType::ed25519) return Error(Errc::unsupported, "no Ed25519 key");
  ByteVec out(32);
  std::size_t size = out.size();
  TRY_VOID(ok(EVP_PKEY_get_raw_public_key(state_->key.get(), out.data(), &size)));
  TRUSTEE_CHECK(size == out.size());
  return out;
}

std::size_t PublicKey::bits() const {
  return static_cast<std::size_t>(std::max(EVP_PKEY_get_bits(state_->key.get()), 0));
}

ByteVec PublicKey::spki() const {
  if (state_->curve.has_value()) {
    ByteVec out = to_vec(spki_prefix(*state_->curve));
    out.insert(out.end(), state_->point.begin(), state_->point.end());
    return out;
  }
  const int size = i2d_PUBKEY(state_->key.get(), nullptr);
  TRUSTEE_CHECK(size > 0);
  ByteVec out(static_cast<std::size_t>(size));
  std::uint8_t* end = out.data();
  TRUSTEE_CHECK(i2d_PUBKEY(state_->key.get(), &end) == size);
  return out;
}

bool operator==(const PublicKey& a, const PublicKey& b) {
  const PublicKey::State& left = a.state();
  const PublicKey::State& right = b.state();
  if (left.type != right.type || left.curve != right.curve) return false;
  if (left.curve.has_value()) return left.point == right.point;
  const bool same = EVP_PKEY_eq(left.key.get(), right.key.get()) == 1;
  (void)drain_errors();
  return same;
}

}  // namespace trustee::crypto

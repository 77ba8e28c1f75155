#include "crypto/internal/curve.h"

#include <algorithm>

#include "base/check.h"
#include "base/try.h"
#include "crypto/internal/numbers.h"
#include "crypto/internal/secret_access.h"

namespace trustee::crypto {
namespace {

using GroupHandle = Handle<EC_GROUP, &EC_GROUP_free>;
using PointHandle = Handle<EC_POINT, &EC_POINT_clear_free>;
using NumberCtxHandle = Handle<BN_CTX, &BN_CTX_free>;

struct CurveRow {
  Curve curve;
  std::size_t field;
  std::size_t bits;
  const char* name;
  int nid;
};
constexpr CurveRow kCurves[] = {{Curve::p256, 32, 256, SN_X9_62_prime256v1, NID_X9_62_prime256v1},
                                {Curve::p384, 48, 384, SN_secp384r1, NID_secp384r1},
                                {Curve::p521, 66, 521, SN_secp521r1, NID_secp521r1}};

const CurveRow& row(Curve c) {
  for (const CurveRow& r : kCurves) {
    if (r.curve == c) return r;
  }
  TRUSTEE_CHECK(false);
  return kCurves[0];
}

EC_GROUP* must_group(Curve c) {
  EC_GROUP* const group = EC_GROUP_new_by_curve_name(row(c).nid);
  TRUSTEE_CHECK(group != nullptr);
  return group;
}

/// Made once, only read afterwards, never freed: other threads may still calculate at exit.
const EC_GROUP* group_of(Curve c) {
  static EC_GROUP* const p256 = must_group(Curve::p256);
  static EC_GROUP* const p384 = must_group(Curve::p384);
  static EC_GROUP* const p521 = must_group(Curve::p521);
  switch (c) {
    case Curve::p256:
      return p256;
    case Curve::p384:
      return p384;
    case Curve::p521:
      return p521;
  }
  TRUSTEE_CHECK(false);
  return nullptr;
}

/// A scratch space and a point of one curve.
struct Workspace {
  const EC_GROUP* group;
  NumberCtxHandle scratch;
  PointHandle point;
};

Result<Workspace> workspace(Curve c) {
  const EC_GROUP* const group = group_of(c);
  TRY(NumberCtxHandle scratch, own<NumberCtxHandle>(BN_CTX_secure_new()));
  TRY(PointHandle point, own<PointHandle>(EC_POINT_new(group)));
  return Workspace{group, std::move(scratch), std::move(point)};
}

Result<void> read_point(Workspace& w, Bytes bytes) {
  return ok(EC_POINT_oct2point(w.group, w.point.get(), bytes.data(), bytes.size(), w.scratch.get()),
            Errc::point_not_on_curve);
}

/// Within 1 … order - 1, uniformly.
Result<BigHandle> random_scalar(const EC_GROUP* group) {
  TRY(BigHandle scalar, own<BigHandle>(BN_new()));
  do {
    TRY_VOID(ok(BN_priv_rand_range(scalar.get(), EC_GROUP_get0_order(group))));
  } while (BN_is_zero(scalar.get()) == 1);
  BN_set_flags(scalar.get(), BN_FLG_CONSTTIME);
  return scalar;
}

Result<SecretBytes> secret_bytes(const BIGNUM* n, std::size_t size) {
  TRY(ByteVec bytes, big_endian_padded(n, size));
  return SecretBytes(std::move(bytes));
}

Result<KeyHandle> from_params(int selection, const OSSL_PARAM* params) {
  TRY(const KeyCtxHandle context,
      own<KeyCtxHandle>(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr)));
  TRY_VOID(ok(EVP_PKEY_fromdata_init(context.get())));
  EVP_PKEY* key = nullptr;
  // The parameters are only read, though the function takes them as mutable.
  TRY_VOID(ok(EVP_PKEY_fromdata(context.get(), &key, selection, const_cast<OSSL_PARAM*>(params))));
  return KeyHandle(key);
}

Result<BigHandle> number(EVP_PKEY* key, const char* name) {
  BIGNUM* n = nullptr;
  TRY_VOID(ok(EVP_PKEY_get_bn_param(key, name, &n)));
  return BigHandle(n);
}

}  // namespace

std::size_t field_size(Curve c) { return row(c).field; }
std::size_t field_bits(Curve c) { return row(c).bits; }
const char* library_name(Curve c) { return row(c).name; }

std::optional<Curve> curve_named(std::string_view library_name) {
  for (const CurveRow& r : kCurves) {
    if (library_name == r.name) return r.curve;
  }
  return std::nullopt;
}

Result<void> check_point(Curve c, Bytes point) {
  TRY(Workspace w, workspace(c));
  return read_point(w, point);
}

Result<EcPair> generate_pair(Curve c) {
  TRY(Workspace w, workspace(c));
  TRY(const BigHandle scalar, random_scalar(w.group));
  TRY_VOID(
      ok(EC_POINT_mul(w.group, w.point.get(), scalar.get(), nullptr, nullptr, w.scratch.get())));
  const std::size_t field = field_size(c);
  EcPair pair;
  pair.point.resize(1 + 2 * field);
  const std::size_t written =
      EC_POINT_point2oct(w.group, w.point.get(), POINT_CONVERSION_UNCOMPRESSED, pair.point.data(),
                         pair.point.size(), w.scratch.get());
  if (written != pair.point.size()) return library_error(Errc::library);
  TRY(pair.scalar, secret_bytes(scalar.get(), field));
  return pair;
}

Result<SecretBytes> shared_x(Curve c, const SecretBytes& scalar, Bytes point) {
  TRY(Workspace w, workspace(c));
  TRY_VOID(read_point(w, point));
  const ByteVec& bytes = SecretAccessForCrypto::bytes(scalar);
  TRY(const BigHandle factor,
      own<BigHandle>(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr)));
  BN_set_flags(factor.get(), BN_FLG_CONSTTIME);
  TRY(const PointHandle product, own<PointHandle>(EC_POINT_new(w.group)));
  TRY_VOID(ok(
      EC_POINT_mul(w.group, product.get(), nullptr, w.point.get(), factor.get(), w.scratch.get())));
  TRY(const BigHandle x, own<BigHandle>(BN_new()));
  TRY_VOID(ok(
      EC_POINT_get_affine_coordinates(w.group, product.get(), x.get(), nullptr, w.scratch.get())));
  return secret_bytes(x.get(), field_size(c));
}

Result<KeyHandle> library_public_key(Curve c, Bytes point) {
  std::string group = library_name(c);
  ByteVec bytes = to_vec(point);
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size()),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, bytes.data(), bytes.size()),
      OSSL_PARAM_construct_end()};
  return from_params(EVP_PKEY_PUBLIC_KEY, params);
}

Result<KeyHandle> library_private_key(Curve c, const SecretBytes& scalar, Bytes point) {
  const ByteVec& bytes = SecretAccessForCrypto::bytes(scalar);
  TRY(const BigHandle number,
      own<BigHandle>(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr)));
  // The flag makes the builder copy the scalar into memory that is wiped.
  BN_set_flags(number.get(), BN_FLG_SECURE);
  TRY(const ParamBldHandle builder, own<ParamBldHandle>(OSSL_PARAM_BLD_new()));
  TRY_VOID(ok(OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                              library_name(c), 0)));
  TRY_VOID(ok(OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                               point.size())));
  TRY_VOID(ok(OSSL_PARAM_BLD_push_BN_pad(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, number.get(),
                                         field_size(c))));
  TRY(const ParamsHandle params, own<ParamsHandle>(OSSL_PARAM_BLD_to_param(builder.get())));
  return from_params(EVP_PKEY_KEYPAIR, params.get());
}

Result<ByteVec> point_of(EVP_PKEY* key, Curve c) {
  const std::size_t field = field_size(c);
  TRY(const BigHandle x, number(key, OSSL_PKEY_PARAM_EC_PUB_X));
  TRY(const BigHandle y, number(key, OSSL_PKEY_PARAM_EC_PUB_Y));
  TRY(const ByteVec x_bytes, big_endian_padded(x.get(), field));
  TRY(const ByteVec y_bytes, big_endian_padded(y.get(), field));
  ByteVec point;
  point.reserve(1 + 2 * field);
  point.push_back(0x04);
  point.insert(point.end(), x_bytes.begin(), x_bytes.end());
  point.insert(point.end(), y_bytes.begin(), y_bytes.end());
  return point;
}

Result<SecretBytes> scalar_of(EVP_PKEY* key, Curve c) {
  TRY(const BigHandle scalar, number(key, OSSL_PKEY_PARAM_PRIV_KEY));
  return secret_bytes(scalar.get(), field_size(c));
}

}  // namespace trustee::crypto

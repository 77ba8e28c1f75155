#include "tpm/public_area.h"

#include <optional>
#include <string>
#include <utility>

#include "base/cursor.h"
#include "base/try.h"
#include "tpm/algorithm.h"
#include "tpm/errors.h"
#include "tpm/signature.h"

namespace trustee::tpm {

namespace {

constexpr std::uint32_t kDefaultExponent = 65537;

/// TPMT_SYM_DEF_OBJECT: none, or a block cipher with key size and mode.
void skip_symmetric(Cursor& c) {
  if (c.u16be() != kAlgNull) c.skip(4);
}

/// TPMT_RSA_SCHEME, TPMT_ECC_SCHEME and TPMT_KDF_SCHEME: what follows depends on the scheme.
Result<void> skip_scheme(Cursor& c) {
  const std::uint16_t scheme = c.u16be();
  TRY_VOID(c.status());
  if (scheme == kAlgNull || scheme == kAlgRsaes) return {};
  c.skip(scheme == kAlgEcdaa ? 4 : 2);  // hash, and ECDAA's count
  return {};
}

ByteVec big_endian(std::uint32_t n) {
  return {static_cast<std::uint8_t>(n >> 24U), static_cast<std::uint8_t>(n >> 16U),
          static_cast<std::uint8_t>(n >> 8U), static_cast<std::uint8_t>(n)};
}

Result<crypto::PublicKey> read_rsa(Cursor& c) {
  skip_symmetric(c);
  TRY_VOID(skip_scheme(c));
  const std::uint16_t bits = c.u16be();
  const std::uint32_t exponent = c.u32be();
  TRY(const Bytes modulus, read_sized(c, kMaxRsaSize));
  TRY_VOID(c.finish());
  if (modulus.size() * 8 != bits) {
    return Error(Errc::public_malformed, "the modulus is not as long as the key size says");
  }
  return crypto::PublicKey::from_rsa(modulus,
                                     big_endian(exponent == 0 ? kDefaultExponent : exponent));
}

std::optional<crypto::Curve> curve_of(std::uint16_t id) {
  if (id == 3) return crypto::Curve::p256;
  if (id == 4) return crypto::Curve::p384;
  if (id == 5) return crypto::Curve::p521;
  return std::nullopt;
}

ByteVec padded(Bytes coordinate, std::size_t size) {
  ByteVec out(size > coordinate.size() ? size - coordinate.size() : 0, 0);
  out.insert(out.end(), coordinate.begin(), coordinate.end());
  return out;
}

Result<crypto::PublicKey> read_ecc(Cursor& c) {
  skip_symmetric(c);
  TRY_VOID(skip_scheme(c));
  const std::uint16_t curve_id = c.u16be();
  TRY_VOID(skip_scheme(c));  // of the key derivation
  TRY(const Bytes x, read_sized(c, kMaxFieldSize));
  TRY(const Bytes y, read_sized(c, kMaxFieldSize));
  TRY_VOID(c.finish());
  const auto curve = curve_of(curve_id);
  if (!curve.has_value()) {
    return Error(Errc::public_unsupported, "curve " + std::to_string(curve_id));
  }
  const std::size_t size = crypto::field_size(*curve);
  return crypto::PublicKey::from_ec_point(*curve, padded(x, size), padded(y, size));
}

Result<crypto::PublicKey> read_key(Cursor& c, std::uint16_t type) {
  if (type == kAlgRsa) return read_rsa(c);
  if (type == kAlgEcc) return read_ecc(c);
  return Error(Errc::public_unsupported, "type " + std::to_string(type));
}

Result<ByteVec> name_of(std::uint16_t algorithm, Bytes area) {
  const auto hash = hash_of(algorithm);
  if (!hash.has_value()) {
    return Error(Errc::public_unsupported, "name algorithm " + std::to_string(algorithm));
  }
  ByteVec name = {static_cast<std::uint8_t>(algorithm >> 8U), static_cast<std::uint8_t>(algorithm)};
  const crypto::Digest digest = crypto::digest(*hash, area);
  name.insert(name.end(), digest.bytes().begin(), digest.bytes().end());
  return name;
}

Result<PublicArea> read_area(Bytes in) {
  Cursor c(in);
  const std::uint16_t type = c.u16be();
  const std::uint16_t name_algorithm = c.u16be();
  const std::uint32_t attributes = c.u32be();
  TRY([[maybe_unused]] const Bytes policy, read_sized(c, kMaxAuthPolicy));
  TRY(crypto::PublicKey key, read_key(c, type));
  TRY(ByteVec name, name_of(name_algorithm, in));
  return PublicArea{name_algorithm, attributes, std::move(key), std::move(name)};
}

}  // namespace

Result<PublicArea> parse_public_area(Bytes in) {
  if (in.size() > kMaxPublicArea) return Error(Errc::public_malformed, "too long");
  auto area = read_area(in);
  if (area.ok() || area.error().is(Errc::public_unsupported)) return area;
  return Error(Errc::public_malformed, area.error().to_string());
}

Result<void> check_restricted(const PublicArea& area) {
  if ((area.attributes & kRestricted) != 0) return {};
  return Errc::key_not_restricted;
}

Result<void> check_signs_only(const PublicArea& area) {
  if ((area.attributes & (kSign | kDecrypt)) == kSign) return {};
  return Errc::key_not_for_signing;
}

Result<void> check_of_one_tpm(const PublicArea& area) {
  constexpr std::uint32_t kBound = kFixedTpm | kFixedParent | kSensitiveDataOrigin;
  if ((area.attributes & kBound) == kBound) return {};
  return Errc::key_not_of_one_tpm;
}

Result<void> check_attestation_key(const PublicArea& area) {
  TRY_VOID(check_restricted(area));
  TRY_VOID(check_signs_only(area));
  TRY_VOID(check_of_one_tpm(area));
  return {};
}

}  // namespace trustee::tpm

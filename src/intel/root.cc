#include "intel/root.h"

#include <algorithm>

#include "base/try.h"
#include "intel/errors.h"

namespace trustee::intel {

namespace {

/// Intel SGX Root CA, the certificate whose DER has the SHA-256
/// 44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3.
constexpr ByteArray<65> kIntelSgxRootCa = {
    0x04, 0x0b, 0xa9, 0xc4, 0xc0, 0xc0, 0xc8, 0x61, 0x93, 0xa3, 0xfe, 0x23, 0xd6,
    0xb0, 0x2c, 0xda, 0x10, 0xa8, 0xbb, 0xd4, 0xe8, 0x8e, 0x48, 0xb4, 0x45, 0x85,
    0x61, 0xa3, 0x6e, 0x70, 0x55, 0x25, 0xf5, 0x67, 0x91, 0x8e, 0x2e, 0xdc, 0x88,
    0xe4, 0x0d, 0x86, 0x0b, 0xd0, 0xcc, 0x4e, 0xe2, 0x6a, 0xac, 0xc9, 0x88, 0xe5,
    0x05, 0xa9, 0x53, 0x55, 0x8c, 0x45, 0x3f, 0x6b, 0x09, 0x04, 0xae, 0x73, 0x94};

}  // namespace

RootKey RootKey::built_in() {
  const Bytes point(kIntelSgxRootCa);
  return {kIntelSgxRootCa, crypto::PublicKey::from_ec_point(
                               crypto::Curve::p256, point.subspan(1, 32), point.subspan(33, 32))
                               .value()};
}

Result<RootKey> RootKey::of(const crypto::Certificate& root) {
  const crypto::PublicKey key = root.public_key();
  if (const auto curve = key.curve(); !curve.ok() || *curve != crypto::Curve::p256) {
    return Errc::pck_key_unsupported;
  }
  TRY(const ByteVec x, key.ec_x());
  TRY(const ByteVec y, key.ec_y());
  ByteArray<65> point{0x04};
  std::ranges::copy(x, point.begin() + 1);
  std::ranges::copy(y, point.begin() + 33);
  return RootKey(point, key);
}

}  // namespace trustee::intel

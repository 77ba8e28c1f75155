#include "crypto/internal/awslc.h"

#include "base/check.h"
#include "crypto/errors.h"
#include "crypto/internal/secret_access.h"
#include "rust_face/face.h"

namespace trustee::crypto {
namespace {

using rust_face::slice;

std::uint32_t library_curve(Curve c) {
  switch (c) {
    case Curve::p256:
      return TRUSTEE_CURVE_P256;
    case Curve::p384:
      return TRUSTEE_CURVE_P384;
    case Curve::p521:
      break;
  }
  TRUSTEE_CHECK(false);
  return 0;
}

Error failure(trustee_status status) {
  return Error(Errc::library, "AWS-LC, status " + std::to_string(static_cast<int>(status)));
}

}  // namespace

bool is_awslc_curve(Curve c) { return c == Curve::p256 || c == Curve::p384; }

AwslcVerifier::~AwslcVerifier() { trustee_ecdsa_public_key_free(key_); }

Result<void> AwslcVerifier::verify(Curve curve, Bytes point, Bytes digest, Bytes signature) {
  std::call_once(once_, [&] {
    // A failure leaves the pointer null, which every later call reports.
    (void)trustee_ecdsa_public_key_new(library_curve(curve), slice(point), &key_);
  });
  if (key_ == nullptr) return Error(Errc::library, "AWS-LC does not take the key");
  const trustee_status status = trustee_ecdsa_verify_digest(key_, slice(digest), slice(signature));
  if (status == TRUSTEE_OK) return {};
  if (status == TRUSTEE_SIGNATURE_INVALID) return Errc::signature_invalid;
  return failure(status);
}

AwslcSigner::~AwslcSigner() { trustee_ecdsa_private_key_free(key_); }

Result<ByteVec> AwslcSigner::sign(Curve curve, Bytes digest, const SecretBytes& scalar) {
  std::call_once(once_, [&] {
    (void)trustee_ecdsa_private_key_new(library_curve(curve),
                                        slice(SecretAccessForCrypto::bytes(scalar)), &key_);
  });
  if (key_ == nullptr) return Error(Errc::library, "AWS-LC does not take the key");
  ByteVec signature(2 * field_size(curve));
  const trustee_status status =
      trustee_ecdsa_sign_digest(key_, slice(digest), signature.data(), signature.size());
  if (status != TRUSTEE_OK) return failure(status);
  return signature;
}

}  // namespace trustee::crypto

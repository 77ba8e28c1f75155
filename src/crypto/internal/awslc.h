#pragma once

#include <memory>
#include <mutex>

#include "crypto/key.h"

struct trustee_ecdsa_public_key;
struct trustee_ecdsa_private_key;

namespace trustee::crypto {

/// True for the curves whose ECDSA goes through AWS-LC: P-256 and P-384.
bool is_awslc_curve(Curve c);

/// The same key once more, parsed by AWS-LC when it is first needed: keys that only agree on a
/// secret never pay for it. Safe from many threads.
class AwslcVerifier {
 public:
  AwslcVerifier() = default;
  ~AwslcVerifier();
  AwslcVerifier(const AwslcVerifier&) = delete;
  AwslcVerifier& operator=(const AwslcVerifier&) = delete;

  /// `curve` and `point` (04 || x || y, checked) are those of one key at every call.
  /// Errors: signature_invalid, library.
  Result<void> verify(Curve curve, Bytes point, Bytes digest, Bytes signature);

 private:
  std::once_flag once_;
  trustee_ecdsa_public_key* key_ = nullptr;
};

/// The signing half, made from the scalar when first needed.
class AwslcSigner {
 public:
  AwslcSigner() = default;
  ~AwslcSigner();
  AwslcSigner(const AwslcSigner&) = delete;
  AwslcSigner& operator=(const AwslcSigner&) = delete;

  /// `curve` and `scalar` (field_size bytes) are those of one key at every call.
  /// Shape: r||s. Errors: library.
  Result<ByteVec> sign(Curve curve, Bytes digest, const SecretBytes& scalar);

 private:
  std::once_flag once_;
  trustee_ecdsa_private_key* key_ = nullptr;
};

}  // namespace trustee::crypto

#pragma once

#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/key.h"
#include "crypto/x509.h"

namespace trustee::intel {

/// The trust anchor: the public key of Intel's SGX root CA. Roots found in quotes and collateral
/// are trusted when they carry this very key, never for another reason. Immutable; cheap to copy.
class RootKey {
 public:
  /// Intel's, embedded in the program (fingerprint: intel/README.md).
  static RootKey built_in();
  /// The key of another root, for tests with a PKI of their own. Errors: pck_key_unsupported.
  static Result<RootKey> of(const crypto::Certificate& root);

  const crypto::PublicKey& key() const { return key_; }
  /// The uncompressed point, 0x04 || x || y; also tells which anchor a kept proof was made with.
  const ByteArray<65>& point() const { return point_; }

 private:
  RootKey(const ByteArray<65>& point, crypto::PublicKey key)
      : point_(point), key_(std::move(key)) {}

  ByteArray<65> point_;
  crypto::PublicKey key_;
};

}  // namespace trustee::intel

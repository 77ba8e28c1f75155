#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "crypto/key.h"
#include "jose/algorithm.h"
#include "rcar/tee_key.h"

namespace trustee::client {

/// The guest's key: answers are encrypted to it.
class TeeKey {
 public:
  /// A fresh P-256 key.
  static Result<TeeKey> generate();
  /// PKCS#1 or PKCS#8 RSA, PKCS#8 or SEC1 EC on P-256 or P-521. Errors: key_unsupported.
  static Result<TeeKey> from_pem(const SecretText& pem);

  const rcar::TeePubKey& announced() const { return announced_; }
  /// Opens an answer of the server. Errors: decrypt_failed.
  Result<SecretBytes> open(std::string_view jwe_text) const;

 private:
  TeeKey(crypto::PrivateKey key, jose::KeyWrap wrap, rcar::TeePubKey announced)
      : key_(std::move(key)), wrap_(wrap), announced_(std::move(announced)) {}
  static Result<TeeKey> from_key(crypto::PrivateKey key);

  crypto::PrivateKey key_;
  jose::KeyWrap wrap_;
  rcar::TeePubKey announced_;
};

}  // namespace trustee::client

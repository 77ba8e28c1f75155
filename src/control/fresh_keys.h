#pragma once

#include "operator/decide.h"

namespace trustee::control {

/// Keys from the library's generator.
class FreshKeys final : public operators::KeySource {
 public:
  Result<crypto::PrivateKey> ed25519() const override {
    return crypto::PrivateKey::generate_ed25519();
  }
  Result<SecretBytes> session_key() const override;
};

}  // namespace trustee::control

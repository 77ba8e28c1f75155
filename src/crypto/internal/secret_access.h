#pragma once

#include "base/secret.h"

namespace trustee {

/// Opens key material where it enters the cryptographic libraries. Included by crypto/*.cc only.
struct SecretAccessForCrypto {
  static const ByteVec& bytes(const SecretBytes& secret) { return secret.reveal(SecretAccess()); }
  static const std::string& text(const SecretText& secret) { return secret.reveal(SecretAccess()); }
};

}  // namespace trustee

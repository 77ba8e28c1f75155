#pragma once

#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "crypto/key.h"

namespace trustee::jose {

/// The JOSE name of a curve that ECDH-ES+A256KW is used on. Errors: jwe_algorithm_unsupported.
Result<std::string_view> agreement_curve_name(const crypto::PublicKey& key);

/// `protected` of an ECDH-ES+A256KW message. Shape: `x`, `y` of the curve's field size.
std::string ecdh_protected_text(std::string_view curve_name, Bytes x, Bytes y);

/// The key-encryption key that `own` and `peer` agree on. Source: kbs.md 8.1.
Result<SecretBytes> agreed_key(const crypto::PrivateKey& own, const crypto::PublicKey& peer);

}  // namespace trustee::jose

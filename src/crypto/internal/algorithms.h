#pragma once

#include "crypto/digest.h"
#include "crypto/internal/ossl.h"

namespace trustee::crypto {

/// The algorithms of the protocol, fetched once: an implicit fetch per call costs more than a short
/// digest. A missing one stops the process.
struct Algorithms {
  MdHandle sha256, sha384, sha512, sm3;
  CipherHandle aes256_gcm, aes256_ecb, aes192_ecb;
  MacHandle kmac256;

  EVP_MD* md(Hash h) const;
};

const Algorithms& algorithms();

}  // namespace trustee::crypto

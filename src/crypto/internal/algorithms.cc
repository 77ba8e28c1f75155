#include "crypto/internal/algorithms.h"

#include "base/check.h"

namespace trustee::crypto {
namespace {

template <class H>
H must(typename H::pointer p) {
  TRUSTEE_CHECK(p != nullptr);
  return H(p);
}

MdHandle md_named(const char* name) { return must<MdHandle>(EVP_MD_fetch(nullptr, name, nullptr)); }
CipherHandle cipher_named(const char* name) {
  return must<CipherHandle>(EVP_CIPHER_fetch(nullptr, name, nullptr));
}
MacHandle mac_named(const char* name) {
  return must<MacHandle>(EVP_MAC_fetch(nullptr, name, nullptr));
}

}  // namespace

EVP_MD* Algorithms::md(Hash h) const {
  switch (h) {
    case Hash::sha256:
      return sha256.get();
    case Hash::sha384:
      return sha384.get();
    case Hash::sha512:
      return sha512.get();
    case Hash::sm3:
      return sm3.get();
  }
  TRUSTEE_CHECK(false);
  return nullptr;
}

const Algorithms& algorithms() {
  // Never freed: threads may still hash while static objects are destroyed.
  static const Algorithms* const fetched =
      new Algorithms{md_named("SHA2-256"),        md_named("SHA2-384"),
                     md_named("SHA2-512"),        md_named("SM3"),
                     cipher_named("AES-256-GCM"), cipher_named("AES-256-ECB"),
                     cipher_named("AES-192-ECB"), mac_named("KMAC-256")};
  return *fetched;
}

}  // namespace trustee::crypto

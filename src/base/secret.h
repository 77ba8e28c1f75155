#pragma once

#include <string.h>  // explicit_bzero

#include <string>
#include <utility>

#include "base/bytes.h"

namespace trustee {

// Each of these is defined in exactly one file; `grep -rn SecretAccessFor src` is the audit.
struct SecretAccessForCrypto;    // crypto/internal/secret_access.h: key material into the libraries
struct SecretAccessForVault;     // kbs/vault.cc: a resource between the store and its JWE
struct SecretAccessForClient;    // client/secret_access.h: the secret the user asked for
struct SecretAccessForSession;   // authz/session_cookie.cc: the body of a sealed cookie
struct SecretAccessForKeyFiles;  // apps/trustee/secret_access.h: keys made by `trustee up`, into
                                 // files
struct SecretAccessForCluster;   // k8s/internal/secret_access.h: tokens and keys into libcurl
struct SecretAccessForOperator;  // operator/internal/secret_access.h: keys made for a Kubernetes
                                 // Secret, into its body
struct SecretAccessForTest;      // tests/support/secret_access.h

/// The key to Secret<T>::reveal. Only the structs named above can make one.
class SecretAccess {
 private:
  SecretAccess() = default;
  friend struct SecretAccessForCrypto;
  friend struct SecretAccessForVault;
  friend struct SecretAccessForClient;
  friend struct SecretAccessForSession;
  friend struct SecretAccessForKeyFiles;
  friend struct SecretAccessForCluster;
  friend struct SecretAccessForOperator;
  friend struct SecretAccessForTest;
};

/// Overwrites memory in a way the compiler keeps. Nothing at all, at whatever address, is fine: an
/// empty container may give a null pointer, which the C library must not be handed.
inline void wipe(void* data, std::size_t size) {
  if (size != 0) ::explicit_bzero(data, size);
}

/// A byte container whose content cannot be printed, logged or compared in variable time, and is
/// wiped when it goes. Move only: a copy must be asked for by name.
template <class Container>
class Secret {
 public:
  Secret() = default;
  /// Takes the buffer over; nothing is copied. Short strings live inside the object and are wiped
  /// in the source as well.
  explicit Secret(Container&& value) : value_(std::move(value)) { wipe_container(value); }
  Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { other.clear(); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      clear();
      value_ = std::move(other.value_);
      other.clear();
    }
    return *this;
  }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { clear(); }

  /// Copies public-for-now bytes into a secret; wiping the source stays the caller's duty.
  template <class It>
  static Secret copy_of(It first, It last) {
    return Secret(Container(first, last));
  }
  Secret duplicate() const { return Secret(Container(value_)); }

  std::size_t size() const { return value_.size(); }
  bool empty() const { return value_.empty(); }

  /// Time depends on the lengths only.
  friend bool equal_ct(const Secret& a, const Secret& b) {
    return trustee::equal_ct(a.view(), b.view());
  }

  /// The content. Lifetime: until this object changes or goes.
  const Container& reveal(const SecretAccess&) const { return value_; }

 private:
  Bytes view() const {
    return {reinterpret_cast<const std::uint8_t*>(value_.data()), value_.size()};
  }
  static void wipe_container(Container& c) {
    if (c.capacity() != 0) {
      c.resize(c.capacity());
      wipe(c.data(), c.size());
    }
    c.clear();
  }
  void clear() { wipe_container(value_); }

  Container value_;
};

using SecretBytes = Secret<ByteVec>;
using SecretText = Secret<std::string>;

inline SecretBytes secret_copy(Bytes b) { return SecretBytes::copy_of(b.begin(), b.end()); }

}  // namespace trustee

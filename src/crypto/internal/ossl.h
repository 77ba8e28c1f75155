#pragma once

// The only file that includes <openssl/...>. Raw pointers leave their Handle in crypto/*.cc alone.
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <memory>
#include <source_location>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/errors.h"

namespace trustee::crypto {

/// Owns one library object. No implicit conversion to the raw pointer.
template <class T, auto Free>
struct FreeWith {
  void operator()(T* p) const { Free(p); }
};
template <class T, auto Free>
using Handle = std::unique_ptr<T, FreeWith<T, Free>>;

/// Memory that the library hands out.
inline void free_memory(void* p) { OPENSSL_free(p); }
template <class T>
using MemoryHandle = Handle<T, &free_memory>;

using MdHandle = Handle<EVP_MD, &EVP_MD_free>;
using MdCtxHandle = Handle<EVP_MD_CTX, &EVP_MD_CTX_free>;
using CipherHandle = Handle<EVP_CIPHER, &EVP_CIPHER_free>;
using CipherCtxHandle = Handle<EVP_CIPHER_CTX, &EVP_CIPHER_CTX_free>;
using MacHandle = Handle<EVP_MAC, &EVP_MAC_free>;
using MacCtxHandle = Handle<EVP_MAC_CTX, &EVP_MAC_CTX_free>;
using KeyHandle = Handle<EVP_PKEY, &EVP_PKEY_free>;
using KeyCtxHandle = Handle<EVP_PKEY_CTX, &EVP_PKEY_CTX_free>;
using BigHandle = Handle<BIGNUM, &BN_clear_free>;
using EcdsaSigHandle = Handle<ECDSA_SIG, &ECDSA_SIG_free>;
using Pkcs8Handle = Handle<PKCS8_PRIV_KEY_INFO, &PKCS8_PRIV_KEY_INFO_free>;
using ParamBldHandle = Handle<OSSL_PARAM_BLD, &OSSL_PARAM_BLD_free>;
using ParamsHandle = Handle<OSSL_PARAM, &OSSL_PARAM_free>;
using BioHandle = Handle<BIO, &BIO_free_all>;
using ObjectHandle = Handle<ASN1_OBJECT, &ASN1_OBJECT_free>;
using X509Handle = Handle<X509, &X509_free>;
using CrlHandle = Handle<X509_CRL, &X509_CRL_free>;
using PssParamsHandle = Handle<RSA_PSS_PARAMS, &RSA_PSS_PARAMS_free>;
using StoreHandle = Handle<X509_STORE, &X509_STORE_free>;
using StoreCtxHandle = Handle<X509_STORE_CTX, &X509_STORE_CTX_free>;

/// Empties the calling thread's error queue into one line, oldest first. An error left behind would
/// be blamed on the next call that fails.
std::string drain_errors();

/// An Error whose detail is the drained queue.
Error library_error(Errc code, std::source_location where = std::source_location::current());

/// For functions that return 1 on success and anything else (0, negative) on failure.
inline Result<void> ok(int rc, Errc code = Errc::library,
                       std::source_location where = std::source_location::current()) {
  if (rc == 1) return {};
  return library_error(code, where);
}

/// For functions that return a new object, or a null pointer on failure.
template <class H>
Result<H> own(typename H::pointer p, Errc code = Errc::library,
              std::source_location where = std::source_location::current()) {
  if (p != nullptr) return H(p);
  return library_error(code, where);
}

/// For verifications that return 1 for good, 0 for bad and a negative number when they could not
/// tell.
inline Result<void> verdict(int rc, Errc bad = Errc::signature_invalid,
                            std::source_location where = std::source_location::current()) {
  if (rc == 1) return {};
  return library_error(rc == 0 ? bad : Errc::library, where);
}

/// For functions that return a length, or zero or a negative number on failure.
inline Result<std::size_t> length(int rc, Errc code = Errc::library,
                                  std::source_location where = std::source_location::current()) {
  if (rc > 0) return static_cast<std::size_t>(rc);
  return library_error(code, where);
}

/// Cuts a buffer to what a call says it has written. OpenSSL 3.0 reports success and 2^32 - 1 bytes
/// when an ECDSA signature could not be encoded for want of memory.
inline Result<void> cut(ByteVec& buffer, std::size_t written,
                        std::source_location where = std::source_location::current()) {
  if (written > buffer.size()) return library_error(Errc::library, where);
  buffer.resize(written);
  return {};
}

}  // namespace trustee::crypto

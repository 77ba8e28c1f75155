#pragma once

// The only file of this module that includes OpenSSL's TLS headers.

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

namespace trustee::net {

template <auto Free>
struct SslFree {
  template <class T>
  void operator()(T* p) const {
    Free(p);
  }
};

using SslPtr = std::unique_ptr<SSL, SslFree<SSL_free>>;
using SslCtxPtr = std::unique_ptr<SSL_CTX, SslFree<SSL_CTX_free>>;
using PkeyPtr = std::unique_ptr<EVP_PKEY, SslFree<EVP_PKEY_free>>;
using PkeyCtxPtr = std::unique_ptr<EVP_PKEY_CTX, SslFree<EVP_PKEY_CTX_free>>;
using X509Ptr = std::unique_ptr<X509, SslFree<X509_free>>;
using BioPtr = std::unique_ptr<BIO, SslFree<BIO_free_all>>;

/// Empties the library's error queue into one line for the operator.
inline std::string drain_ssl_errors() {
  std::string out;
  while (const unsigned long code = ERR_get_error()) {
    char text[256];
    ERR_error_string_n(code, text, sizeof text);
    if (!out.empty()) out += "; ";
    out += text;
  }
  return out;
}

}  // namespace trustee::net

#pragma once

// A TLS client for tests that want to choose versions, ciphers and groups.

#include <string>
#include <vector>

#include "net/internal/ssl.h"
#include "tests/support/loopback.h"

namespace trustee {

struct TlsOffer {
  int min_version = TLS1_VERSION;
  int max_version = TLS1_3_VERSION;
  std::string ciphers12{};  ///< empty: all the library has, weak ones included
  std::string ciphers13{};
  std::string groups{};
  std::vector<std::string> protocols{};  ///< ALPN
};

/// One TLS connection to a port of 127.0.0.1; the certificate is looked at, not checked.
class TlsClient {
 public:
  TlsClient(std::uint16_t port, const TlsOffer& offer = {}) : raw_(port) {
    context_.reset(SSL_CTX_new(TLS_client_method()));
    SSL_CTX* c = context_.get();
    SSL_CTX_set_security_level(c, 0);
    SSL_CTX_set_min_proto_version(c, offer.min_version);
    SSL_CTX_set_max_proto_version(c, offer.max_version);
    const std::string list = offer.ciphers12.empty() ? "ALL:COMPLEMENTOFALL" : offer.ciphers12;
    EXPECT_EQ(SSL_CTX_set_cipher_list(c, list.c_str()), 1);
    if (!offer.ciphers13.empty()) {
      EXPECT_EQ(SSL_CTX_set_ciphersuites(c, offer.ciphers13.c_str()), 1);
    }
    if (!offer.groups.empty()) {
      EXPECT_EQ(SSL_CTX_set1_groups_list(c, offer.groups.c_str()), 1);
    }
    ssl_.reset(SSL_new(c));
    std::string alpn;
    for (const auto& p : offer.protocols) {
      alpn += static_cast<char>(p.size());
      alpn += p;
    }
    if (!alpn.empty()) {
      SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(alpn.data()),
                          static_cast<unsigned>(alpn.size()));
    }
    SSL_set_fd(ssl_.get(), raw_.fd());
    connected_ = SSL_connect(ssl_.get()) == 1;
    ERR_clear_error();
  }

  bool connected() const { return connected_; }
  std::string version() const { return SSL_get_version(ssl_.get()); }
  std::string cipher() const { return SSL_get_cipher_name(ssl_.get()); }
  std::string protocol() const {
    const unsigned char* data = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &data, &size);
    return {reinterpret_cast<const char*>(data), size};
  }
  std::string common_name() const {
    const X509Ptr_ leaf(SSL_get1_peer_certificate(ssl_.get()));
    char text[256] = {};
    if (leaf) {
      X509_NAME_get_text_by_NID(X509_get_subject_name(leaf.get()), NID_commonName, text,
                                sizeof text);
    }
    return text;
  }
  /// Sends and reads until `until` has been seen or the connection ends.
  std::string exchange(std::string_view request, std::string_view until) {
    SSL_write(ssl_.get(), request.data(), static_cast<int>(request.size()));
    std::string out;
    char text[16384];
    for (std::size_t searched = 0; out.find(until, searched) == std::string::npos;) {
      searched = out.size() < until.size() ? 0 : out.size() - until.size();
      const int n = SSL_read(ssl_.get(), text, sizeof text);
      if (n <= 0) break;
      out.append(text, static_cast<std::size_t>(n));
    }
    ERR_clear_error();
    return out;
  }

 private:
  using X509Ptr_ = net::X509Ptr;
  RawConnection raw_;
  net::SslCtxPtr context_;
  net::SslPtr ssl_;
  bool connected_ = false;
};

}  // namespace trustee

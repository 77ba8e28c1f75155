#include "net/tls.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/try.h"
#include "net/internal/ssl.h"

namespace trustee::net {
namespace {

// Mozilla's "intermediate" guideline, version 5, in its order.
constexpr const char* kIntermediateTls12 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
    "DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384";
constexpr const char* kIntermediateTls13 =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char* kClassicalGroups = "X25519:secp256r1:secp384r1";
constexpr std::array<const char*, 4> kHybridGroups = {"X25519MLKEM768", "SecP256r1MLKEM768",
                                                      "X448MLKEM1024", "SecP384r1MLKEM1024"};
constexpr std::size_t kMaxPemFile = 1u << 20;

/// A file's content. Key files pass through here too, so the buffer is wiped by its owner.
struct FileText {
  std::string text;
  ~FileText() { OPENSSL_cleanse(text.data(), text.size()); }
};

Result<void> read_file(const std::string& path, Errc missing, FileText& into) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Error(missing, path + ": " + std::strerror(errno));
  into.text.resize(kMaxPemFile);
  std::size_t filled = 0;
  ssize_t n = 1;
  while (n > 0 && filled < kMaxPemFile) {
    n = ::read(fd, into.text.data() + filled, kMaxPemFile - filled);
    if (n > 0) filled += static_cast<std::size_t>(n);
  }
  const int why = errno;
  ::close(fd);
  if (n < 0) return Error(missing, path + ": " + std::strerror(why));
  if (filled == kMaxPemFile) return Error(missing, path + ": larger than 1 MiB");
  into.text.resize(filled);
  return {};
}

BioPtr memory_bio(const std::string& text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// No prompt on the terminal for an encrypted key: it is refused.
int no_password(char*, int, int, void*) { return 0; }

Result<void> use_chain(SSL_CTX* ctx, const std::string& path) {
  FileText file;
  TRY_VOID(read_file(path, Errc::tls_certificate_missing, file));
  const BioPtr bio = memory_bio(file.text);
  const X509Ptr leaf(PEM_read_bio_X509_AUX(bio.get(), nullptr, no_password, nullptr));
  if (!leaf) return Error(Errc::tls_certificate_invalid, path + ": " + drain_ssl_errors());
  if (SSL_CTX_use_certificate(ctx, leaf.get()) != 1) {
    return Error(Errc::tls_certificate_invalid, path + ": " + drain_ssl_errors());
  }
  for (;;) {
    X509Ptr issuer(PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr));
    if (!issuer) break;
    if (SSL_CTX_add0_chain_cert(ctx, issuer.get()) != 1) {
      return Error(Errc::tls_certificate_invalid, path + ": " + drain_ssl_errors());
    }
    (void)issuer.release();  // the context owns it now
  }
  const unsigned long last = ERR_peek_last_error();
  ERR_clear_error();
  if (ERR_GET_LIB(last) != ERR_LIB_PEM || ERR_GET_REASON(last) != PEM_R_NO_START_LINE) {
    return Error(Errc::tls_certificate_invalid, path + ": a later certificate is malformed");
  }
  return {};
}

Result<void> use_key(SSL_CTX* ctx, const std::string& path) {
  FileText file;
  TRY_VOID(read_file(path, Errc::tls_key_missing, file));
  const BioPtr bio = memory_bio(file.text);
  const PkeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
  if (!key) return Error(Errc::tls_key_invalid, path + ": " + drain_ssl_errors());
  if (SSL_CTX_use_PrivateKey(ctx, key.get()) != 1 || SSL_CTX_check_private_key(ctx) != 1) {
    return Error(Errc::tls_key_mismatch, path + ": " + drain_ssl_errors());
  }
  return {};
}

Result<void> use_ffdhe2048(SSL_CTX* ctx) {
  const PkeyCtxPtr maker(EVP_PKEY_CTX_new_from_name(nullptr, "DH", nullptr));
  EVP_PKEY* made = nullptr;
  if (!maker || EVP_PKEY_paramgen_init(maker.get()) != 1 ||
      EVP_PKEY_CTX_ctrl_str(maker.get(), "group", "ffdhe2048") != 1 ||
      EVP_PKEY_paramgen(maker.get(), &made) != 1) {
    return Error(Errc::tls_library, drain_ssl_errors());
  }
  if (SSL_CTX_set0_tmp_dh_pkey(ctx, made) != 1) {
    EVP_PKEY_free(made);
    return Error(Errc::tls_library, drain_ssl_errors());
  }
  return {};
}

int protocol_number(TlsVersion v) {
  switch (v) {
    case TlsVersion::v1_2:
      return TLS1_2_VERSION;
    case TlsVersion::v1_3:
      return TLS1_3_VERSION;
  }
  return TLS1_3_VERSION;
}

struct VersionBounds {
  TlsVersion min = TlsVersion::v1_2;
  TlsVersion max = TlsVersion::v1_3;
};

Result<VersionBounds> version_bounds(const TlsConfig& config) {
  VersionBounds bounds;
  if (config.profile == TlsProfile::modern) bounds.min = TlsVersion::v1_3;
  if (config.min_version) bounds.min = *config.min_version;
  if (config.max_version) bounds.max = *config.max_version;
  if (bounds.min > bounds.max) return Errc::tls_versions_conflict;
  return bounds;
}

/// The server's ALPN choice: HTTP/1.1 only.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* in, unsigned int in_size, void*) {
  static constexpr unsigned char kOffer[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, kOffer, sizeof kOffer - 1, in, in_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;  // carry on without ALPN, as clients that offer only h2 expect
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

struct TlsContext::State {
  SslCtxPtr ctx;
  std::string groups_line;
  std::vector<std::string> warnings;

  Result<void> set_versions(const TlsConfig& config) {
    TRY(const VersionBounds bounds, version_bounds(config));
    if (SSL_CTX_set_min_proto_version(ctx.get(), protocol_number(bounds.min)) != 1 ||
        SSL_CTX_set_max_proto_version(ctx.get(), protocol_number(bounds.max)) != 1) {
      return Error(Errc::tls_library, drain_ssl_errors());
    }
    return set_ciphers(config, bounds);
  }

  Result<void> set_ciphers(const TlsConfig& config, VersionBounds bounds) {
    SplitCiphers lists{kIntermediateTls12, kIntermediateTls13};
    if (config.ciphers) {
      const SplitCiphers given = split_ciphers(*config.ciphers);
      const bool uses12 = bounds.min == TlsVersion::v1_2 && !given.tls12.empty();
      const bool uses13 = bounds.max == TlsVersion::v1_3 && !given.tls13.empty();
      if (!uses12 && !uses13) {
        return Error(Errc::tls_ciphers_invalid, "no name fits the TLS versions offered");
      }
      take_list(given.tls12, lists.tls12, "TLS 1.2", bounds.min == TlsVersion::v1_2);
      take_list(given.tls13, lists.tls13, "TLS 1.3", bounds.max == TlsVersion::v1_3);
    }
    if (SSL_CTX_set_cipher_list(ctx.get(), lists.tls12.c_str()) != 1 ||
        SSL_CTX_set_ciphersuites(ctx.get(), lists.tls13.c_str()) != 1) {
      return Error(Errc::tls_ciphers_invalid, drain_ssl_errors());
    }
    return {};
  }

  void take_list(const std::string& given, std::string& list, const char* generation,
                 bool offered) {
    if (!given.empty()) {
      list = given;
      if (!offered) {
        warnings.push_back(std::string("tls_ciphers names ") + generation +
                           " ciphers, but that version is not offered");
      }
    } else if (offered) {
      warnings.push_back(std::string("tls_ciphers has no ") + generation +
                         " name; the profile's list is used for it");
    }
  }

  Result<void> set_groups(const TlsConfig& config) {
    if (config.groups) {
      if (SSL_CTX_set1_groups_list(ctx.get(), config.groups->c_str()) != 1) {
        return Error(Errc::tls_groups_invalid, *config.groups + ": " + drain_ssl_errors());
      }
      groups_line = "TLS groups (explicit): " + *config.groups;
      return {};
    }
    for (const char* hybrid : kHybridGroups) {
      const std::string list = std::string(hybrid) + ':' + kClassicalGroups;
      if (SSL_CTX_set1_groups_list(ctx.get(), list.c_str()) == 1) {
        groups_line = "TLS groups (auto-detected PQC): " + list;
        return {};
      }
      ERR_clear_error();
    }
    if (SSL_CTX_set1_groups_list(ctx.get(), kClassicalGroups) != 1) {
      return Error(Errc::tls_groups_invalid, drain_ssl_errors());
    }
    groups_line = std::string("TLS groups (classical): ") + kClassicalGroups;
    return {};
  }

  void set_options() {
    SSL_CTX_set_options(ctx.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                       SSL_OP_SINGLE_DH_USE | SSL_OP_SINGLE_ECDH_USE |
                                       SSL_OP_CLEANSE_PLAINTEXT);
    SSL_CTX_set_mode(ctx.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    static constexpr unsigned char kSessionContext[] = "trustee";
    SSL_CTX_set_session_id_context(ctx.get(), kSessionContext, sizeof kSessionContext - 1);
    SSL_CTX_set_alpn_select_cb(ctx.get(), choose_protocol, nullptr);
  }
};

TlsContext::TlsContext(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsContext::~TlsContext() = default;

Result<std::shared_ptr<const TlsContext>> TlsContext::create(const TlsConfig& config) {
  auto state = std::make_unique<State>();
  state->ctx.reset(SSL_CTX_new(TLS_server_method()));
  if (!state->ctx) return Error(Errc::tls_library, drain_ssl_errors());
  SSL_CTX* ctx = state->ctx.get();
  TRY_VOID(use_chain(ctx, config.certificate_file));
  TRY_VOID(use_key(ctx, config.private_key_file));
  state->set_options();
  TRY_VOID(use_ffdhe2048(ctx));
  TRY_VOID(state->set_versions(config));
  TRY_VOID(state->set_groups(config));
  const bool overrides = config.min_version || config.max_version || config.ciphers;
  if (overrides && config.profile != TlsProfile::custom) {
    state->warnings.push_back("TLS fields of profile custom override profile " +
                              std::string(to_string(config.profile)));
  }
  return std::make_shared<const TlsContext>(std::move(state));
}

SSL_CTX* TlsContext::native() const { return state_->ctx.get(); }
const std::string& TlsContext::groups_line() const { return state_->groups_line; }
const std::vector<std::string>& TlsContext::warnings() const { return state_->warnings; }

}  // namespace trustee::net

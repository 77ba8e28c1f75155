#include "net/self_signed.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

#include "base/try.h"
#include "net/internal/ssl.h"

namespace trustee::net {
namespace {

constexpr long kYear = 365L * 24 * 3600;
constexpr long kClockSkew = 3600;

Error failed() { return Error(Errc::tls_library, drain_ssl_errors()); }

bool set_names(X509* certificate) {
  X509_NAME* name = X509_get_subject_name(certificate);
  const auto* text = reinterpret_cast<const unsigned char*>("localhost");
  if (X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0) != 1) return false;
  if (X509_set_issuer_name(certificate, name) != 1) return false;
  X509_EXTENSION* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name,
                                              "DNS:localhost,IP:127.0.0.1,IP:::1");
  if (names == nullptr) return false;
  const bool added = X509_add_ext(certificate, names, -1) == 1;
  X509_EXTENSION_free(names);
  return added;
}

bool set_dates(X509* certificate, Time now) {
  const auto second = static_cast<time_t>(unix_seconds(now));
  return ASN1_TIME_set(X509_getm_notBefore(certificate), second - kClockSkew) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), second + kYear) != nullptr;
}

Result<X509Ptr> certificate_for(EVP_PKEY* key, Time now) {
  X509Ptr out(X509_new());
  if (!out) return failed();
  const auto serial = static_cast<long>(unix_seconds(now));
  const bool made = X509_set_version(out.get(), X509_VERSION_3) == 1 &&
                    ASN1_INTEGER_set(X509_get_serialNumber(out.get()), serial) == 1 &&
                    set_dates(out.get(), now) && set_names(out.get()) &&
                    X509_set_pubkey(out.get(), key) == 1 &&
                    X509_sign(out.get(), key, EVP_sha256()) > 0;
  if (!made) return failed();
  return out;
}

/// Writes to a new memory file what `write` puts into a BIO. -1: failed.
template <class Write>
int memory_file(const char* name, const Write& write) {
  const int fd = ::memfd_create(name, MFD_CLOEXEC);
  if (fd < 0) return -1;
  const BioPtr bio(BIO_new_fd(fd, BIO_NOCLOSE));
  if (bio && write(bio.get()) == 1) return fd;
  ::close(fd);
  return -1;
}

std::string path_of(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

}  // namespace

Result<std::unique_ptr<SelfSigned>> SelfSigned::create(Time now) {
  const PkeyPtr key(EVP_EC_gen("P-256"));
  if (!key) return failed();
  TRY(const X509Ptr certificate, certificate_for(key.get(), now));
  const int certificate_file = memory_file("certificate", [&certificate](BIO* bio) {
    return PEM_write_bio_X509(bio, certificate.get());
  });
  const int key_file = memory_file("key", [&key](BIO* bio) {
    return PEM_write_bio_PKCS8PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  std::unique_ptr<SelfSigned> out(new SelfSigned(certificate_file, key_file));
  if (certificate_file < 0 || key_file < 0) return failed();
  return out;
}

SelfSigned::~SelfSigned() {
  for (const int fd : {certificate_, key_}) {
    if (fd >= 0) ::close(fd);
  }
}

TlsConfig SelfSigned::config() const {
  TlsConfig out;
  out.certificate_file = path_of(certificate_);
  out.private_key_file = path_of(key_);
  return out;
}

}  // namespace trustee::net

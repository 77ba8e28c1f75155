#include <algorithm>

#include "base/check.h"
#include "base/try.h"
#include "crypto/internal/certs.h"
#include "crypto/internal/keys.h"
#include "crypto/internal/pem.h"
#include "crypto/x509.h"

namespace trustee::crypto {
namespace {

constexpr std::string_view kLabel = "CERTIFICATE";

Result<X509Handle> parsed(Bytes der) {
  if (der.empty() || der.size() > kMaxCertificateSize) {
    return Error(Errc::certificate_malformed, "length");
  }
  const std::uint8_t* end = der.data();
  TRY(X509Handle x509, own<X509Handle>(d2i_X509(nullptr, &end, static_cast<long>(der.size())),
                                       Errc::certificate_malformed));
  if (end != der.data() + der.size()) {
    return Error(Errc::certificate_malformed, "trailing bytes");
  }
  return x509;
}

/// The library reads BER as well; one certificate would then have many encodings.
Result<void> check_is_der(const X509* x509, Bytes der) {
  std::uint8_t* buffer = nullptr;
  TRY(const std::size_t size, length(i2d_X509(x509, &buffer)));
  const MemoryHandle<std::uint8_t> owner(buffer);
  if (!equal({buffer, size}, der)) return Error(Errc::certificate_malformed, "not DER");
  return {};
}

Result<PublicKey> key_of(const X509* x509) {
  EVP_PKEY* const key = X509_get0_pubkey(x509);
  if (key == nullptr) {
    return Error(Errc::certificate_malformed, "public key: " + drain_errors());
  }
  return public_key_from(share(key));
}

Result<ObjectHandle> object_of(std::string_view oid) {
  const std::string text(oid);
  return own<ObjectHandle>(OBJ_txt2obj(text.c_str(), 1), Errc::unsupported);
}

}  // namespace

Result<Time> time_from(const ASN1_TIME* t, Errc code) {
  std::tm tm{};
  if (t == nullptr) return Error(code, "time is missing");
  TRY_VOID(ok(ASN1_TIME_to_tm(t, &tm), code));
  const std::chrono::year_month_day day{std::chrono::year(tm.tm_year + 1900),
                                        std::chrono::month(static_cast<unsigned>(tm.tm_mon + 1)),
                                        std::chrono::day(static_cast<unsigned>(tm.tm_mday))};
  if (!day.ok()) return Error(code, "no such day");
  return Time(std::chrono::sys_days(day) + std::chrono::hours(tm.tm_hour) +
              std::chrono::minutes(tm.tm_min) + std::chrono::seconds(tm.tm_sec));
}

std::string common_name(const X509_NAME* name) {
  int last = -1;
  for (int i = X509_NAME_get_index_by_NID(name, NID_commonName, -1); i >= 0;
       i = X509_NAME_get_index_by_NID(name, NID_commonName, i)) {
    last = i;
  }
  if (last < 0) return {};
  const ASN1_STRING* const value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last));
  std::uint8_t* text = nullptr;
  const int size = ASN1_STRING_to_UTF8(&text, value);
  if (size < 0) {
    (void)drain_errors();
    return {};
  }
  const MemoryHandle<std::uint8_t> owner(text);
  return std::string(as_text({text, static_cast<std::size_t>(size)}));
}

Result<ByteVec> extension_value(const STACK_OF(X509_EXTENSION) * extensions, std::string_view oid) {
  TRY(const ObjectHandle wanted, object_of(oid));
  const int at = X509v3_get_ext_by_OBJ(extensions, wanted.get(), -1);
  if (at < 0) return Error(Errc::extension_missing, std::string(oid));
  if (X509v3_get_ext_by_OBJ(extensions, wanted.get(), at) >= 0) {
    return Error(Errc::extension_repeated, std::string(oid));
  }
  const ASN1_OCTET_STRING* const value = X509_EXTENSION_get_data(X509v3_get_ext(extensions, at));
  return to_vec(
      {ASN1_STRING_get0_data(value), static_cast<std::size_t>(ASN1_STRING_length(value))});
}

Result<Certificate> Certificate::from_der(Bytes der) {
  TRY(X509Handle x509, parsed(der));
  TRY_VOID(check_is_der(x509.get(), der));
  TRY(PublicKey key, key_of(x509.get()));
  TRY(const Time begin, time_from(X509_get0_notBefore(x509.get()), Errc::certificate_malformed));
  TRY(const Time end, time_from(X509_get0_notAfter(x509.get()), Errc::certificate_malformed));
  return Certificate(std::make_shared<const State>(
      State{std::move(x509), to_vec(der), std::move(key), begin, end}));
}

Result<Certificate> Certificate::from_pem(std::string_view pem) {
  TRY(const PemBlock block, take_pem_block(pem, Errc::certificate_malformed));
  if (block.label != kLabel) return Error(Errc::certificate_malformed, "no certificate");
  if (!is_blank(pem)) return Error(Errc::certificate_malformed, "text after the PEM block");
  TRY(const ByteVec der, pem_content(block, kMaxCertificateSize, Errc::certificate_malformed));
  return from_der(der);
}

Result<std::vector<Certificate>> Certificate::bundle_from_pem(std::string_view pem,
                                                              std::size_t max) {
  std::vector<Certificate> out;
  while (true) {
    TRY(const std::optional<PemBlock> block, find_pem_block(pem, Errc::certificate_malformed));
    if (!block.has_value()) break;
    if (block->label != kLabel) continue;
    if (out.size() == max) return Error(Errc::certificate_malformed, "too many certificates");
    TRY(const ByteVec der, pem_content(*block, kMaxCertificateSize, Errc::certificate_malformed));
    TRY(Certificate certificate, from_der(der));
    out.push_back(std::move(certificate));
  }
  if (out.empty()) return Error(Errc::certificate_malformed, "no certificate in the text");
  return out;
}

const ByteVec& Certificate::der() const { return state_->der; }
std::string Certificate::pem() const { return pem_text(kLabel, state_->der); }
PublicKey Certificate::public_key() const { return state_->key; }

std::string Certificate::subject_common_name() const {
  return common_name(X509_get_subject_name(state_->x509.get()));
}

std::string Certificate::issuer_common_name() const {
  return common_name(X509_get_issuer_name(state_->x509.get()));
}

std::string Certificate::subject() const {
  const BioHandle bio(BIO_new(BIO_s_mem()));
  TRUSTEE_CHECK(bio != nullptr);
  const int rc =
      X509_NAME_print_ex(bio.get(), X509_get_subject_name(state_->x509.get()), 0,
                         XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB));
  if (rc < 0) {
    (void)drain_errors();
    return {};
  }
  const char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string();
}

std::string Certificate::serial_hex() const {
  const BigHandle serial(ASN1_INTEGER_to_BN(X509_get0_serialNumber(state_->x509.get()), nullptr));
  TRUSTEE_CHECK(serial != nullptr);
  if (BN_is_zero(serial.get()) == 1) return "0";
  const MemoryHandle<char> text(BN_bn2hex(serial.get()));
  TRUSTEE_CHECK(text != nullptr);
  std::string out(text.get());
  const std::size_t digits = out.front() == '-' ? 1 : 0;
  out.erase(digits, out.find_first_not_of('0', digits) - digits);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

Time Certificate::not_before() const { return state_->not_before; }
Time Certificate::not_after() const { return state_->not_after; }

bool Certificate::is_ca() const {
  const std::uint32_t flags = X509_get_extension_flags(state_->x509.get());
  (void)drain_errors();
  return (flags & EXFLAG_INVALID) == 0 && (flags & EXFLAG_BCONS) != 0 && (flags & EXFLAG_CA) != 0;
}

bool Certificate::is_self_issued() const {
  return X509_NAME_cmp(X509_get_subject_name(state_->x509.get()),
                       X509_get_issuer_name(state_->x509.get())) == 0;
}

bool Certificate::names_as_issuer(const Certificate& issuer) const {
  return X509_NAME_cmp(X509_get_issuer_name(state_->x509.get()),
                       X509_get_subject_name(issuer.state_->x509.get())) == 0;
}

Result<ByteVec> Certificate::extension(std::string_view oid) const {
  return extension_value(X509_get0_extensions(state_->x509.get()), oid);
}

Result<void> Certificate::check_signed_by(const PublicKey& issuer_key) const {
  int bits = 0;
  TRY_VOID(ok(X509_get_signature_info(state_->x509.get(), nullptr, nullptr, &bits, nullptr),
              Errc::unsupported));
  if (bits < kMinSignatureBits) return Error(Errc::unsupported, "signature algorithm is too weak");
  // A key of another type than the signature's is reported as "could not tell"; here it is a fact.
  TRY(EVP_PKEY* const key, issuer_key.state().library_key());
  const int rc = X509_verify(state_->x509.get(), key);
  if (rc == 1) return {};
  return library_error(Errc::chain_broken);
}

Result<void> Certificate::check_valid_at(Time t) const {
  if (t < state_->not_before) return Errc::certificate_not_yet_valid;
  // notAfter names a whole second, which still belongs to the validity.
  if (unix_seconds(t) > unix_seconds(state_->not_after)) return Errc::certificate_expired;
  return {};
}

bool operator==(const Certificate& a, const Certificate& b) { return a.der() == b.der(); }

}  // namespace trustee::crypto

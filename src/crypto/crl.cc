#include "base/check.h"
#include "base/try.h"
#include "crypto/internal/certs.h"
#include "crypto/internal/keys.h"
#include "crypto/internal/pem.h"
#include "crypto/x509.h"

namespace trustee::crypto {

struct Crl::State {
  CrlHandle crl;
  Time this_update;
  std::optional<Time> next_update;
};

namespace {

Result<CrlHandle> parsed(Bytes der) {
  if (der.empty() || der.size() > kMaxCrlSize) return Error(Errc::crl_malformed, "length");
  const std::uint8_t* end = der.data();
  TRY(CrlHandle crl, own<CrlHandle>(d2i_X509_CRL(nullptr, &end, static_cast<long>(der.size())),
                                    Errc::crl_malformed));
  if (end != der.data() + der.size()) return Error(Errc::crl_malformed, "trailing bytes");
  return crl;
}

/// A critical extension may change what the list means (a delta, another issuer, some reasons
/// only), so the list cannot be used by one who does not know it.
Result<void> check_no_critical_extension(const X509_CRL* crl) {
  if (X509_CRL_get_ext_by_critical(crl, 1, -1) >= 0) {
    return Error(Errc::unsupported, "critical extension in the revocation list");
  }
  return {};
}

/// The digest that a signature algorithm names; NID_undef where the scheme has its own, as Ed25519.
/// Source: RFC 4055 section 3.1 for RSASSA-PSS, where SHA-1 goes without saying.
Result<int> digest_of(const X509_ALGOR* algorithm) {
  const ASN1_OBJECT* name = nullptr;
  const void* parameters = nullptr;
  int type = V_ASN1_UNDEF;
  X509_ALGOR_get0(&name, &type, &parameters, algorithm);
  int digest = NID_undef;
  if (OBJ_obj2nid(name) != NID_rsassaPss) {
    TRY_VOID(ok(OBJ_find_sigid_algs(OBJ_obj2nid(name), &digest, nullptr), Errc::unsupported));
    return digest;
  }
  if (type != V_ASN1_SEQUENCE) return Error(Errc::unsupported, "RSASSA-PSS without parameters");
  const auto* const text = static_cast<const ASN1_STRING*>(parameters);
  const std::uint8_t* at = ASN1_STRING_get0_data(text);
  TRY(const PssParamsHandle pss,
      own<PssParamsHandle>(d2i_RSA_PSS_PARAMS(nullptr, &at, ASN1_STRING_length(text)),
                           Errc::crl_malformed));
  if (pss->hashAlgorithm == nullptr) return NID_sha1;
  X509_ALGOR_get0(&name, nullptr, nullptr, pss->hashAlgorithm);
  digest = OBJ_obj2nid(name);
  if (digest == NID_undef) return Error(Errc::unsupported, "RSASSA-PSS over an unknown digest");
  return digest;
}

/// As for certificates: who can make two lists of one digest can have one signed and show the
/// other.
Result<void> check_strength(const X509_CRL* crl) {
  const X509_ALGOR* algorithm = nullptr;
  X509_CRL_get0_signature(crl, nullptr, &algorithm);
  TRY(const int digest, digest_of(algorithm));
  if (digest == NID_undef) return {};
  const EVP_MD* const md = EVP_get_digestbynid(digest);
  if (md == nullptr || EVP_MD_get_size(md) * 4 < kMinSignatureBits) {
    return Error(Errc::unsupported, "signature algorithm is too weak");
  }
  return {};
}

}  // namespace

Result<Crl> Crl::from_der(Bytes der) {
  TRY(CrlHandle crl, parsed(der));
  TRY_VOID(check_no_critical_extension(crl.get()));
  TRY(const Time this_update, time_from(X509_CRL_get0_lastUpdate(crl.get()), Errc::crl_malformed));
  std::optional<Time> next_update;
  if (const ASN1_TIME* const t = X509_CRL_get0_nextUpdate(crl.get()); t != nullptr) {
    TRY(next_update, time_from(t, Errc::crl_malformed));
  }
  return Crl(std::make_shared<const State>(State{std::move(crl), this_update, next_update}));
}

Result<Crl> Crl::from_pem(std::string_view pem) {
  TRY(const PemBlock block, take_pem_block(pem, Errc::crl_malformed));
  if (block.label != "X509 CRL") return Error(Errc::crl_malformed, "no revocation list");
  if (!is_blank(pem)) return Error(Errc::crl_malformed, "text after the PEM block");
  TRY(const ByteVec der, pem_content(block, kMaxCrlSize, Errc::crl_malformed));
  return from_der(der);
}

Time Crl::this_update() const { return state_->this_update; }
std::optional<Time> Crl::next_update() const { return state_->next_update; }

std::string Crl::issuer_common_name() const {
  return common_name(X509_CRL_get_issuer(state_->crl.get()));
}

bool Crl::names_as_issuer(const Certificate& issuer) const {
  return X509_NAME_cmp(X509_CRL_get_issuer(state_->crl.get()),
                       X509_get_subject_name(issuer.state().x509.get())) == 0;
}

Result<ByteVec> Crl::extension(std::string_view oid) const {
  return extension_value(X509_CRL_get0_extensions(state_->crl.get()), oid);
}

Result<void> Crl::check_signed_by(const PublicKey& issuer_key) const {
  TRY_VOID(check_strength(state_->crl.get()));
  TRY(EVP_PKEY* const key, issuer_key.state().library_key());
  if (X509_CRL_verify(state_->crl.get(), key) == 1) return {};
  return library_error(Errc::chain_broken);
}

Result<void> Crl::check(const PublicKey& issuer_key, Time t) const {
  TRY_VOID(check_signed_by(issuer_key));
  if (t < state_->this_update) return Errc::crl_not_yet_valid;
  if (!state_->next_update.has_value()) return Error(Errc::crl_expired, "it has no next update");
  if (unix_seconds(t) > unix_seconds(*state_->next_update)) return Errc::crl_expired;
  return {};
}

bool Crl::revokes(const Certificate& certificate) const {
  X509_REVOKED* entry = nullptr;
  const ASN1_INTEGER* const serial = X509_get0_serialNumber(certificate.state().x509.get());
  // 2 is an entry with reason removeFromCRL; only a delta list may hold one, and those are refused.
  const int rc = X509_CRL_get0_by_serial(state_->crl.get(), &entry, serial);
  return rc != 0;
}

}  // namespace trustee::crypto

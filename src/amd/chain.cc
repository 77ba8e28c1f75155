#include "amd/chain.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "amd/errors.h"
#include "base/try.h"

namespace trustee::claims {

template <>
struct VerifierOf<amd::Vek> {
  static amd::VerifiedVek seal(amd::Vek vek) {
    return std::make_shared<const Verified<amd::Vek>>(Verified<amd::Vek>(std::move(vek)));
  }
};

}  // namespace trustee::claims

namespace trustee::amd {

namespace {

Result<void> check_signed_by(const crypto::Certificate& subject, const crypto::PublicKey& issuer,
                             Errc otherwise) {
  auto checked = subject.check_signed_by(issuer);
  if (checked.ok()) return {};
  return Error(otherwise, subject.subject() + ": " + checked.error().to_string());
}

Result<crypto::Certificate> ark_of(const PresentedChain& chain, const Roots& roots) {
  if (chain.ark.empty()) return roots.ark();
  TRY(auto ark, parse_der_or_pem(chain.ark));
  TRY_VOID(check_signed_by(ark, roots.ark_key(), Errc::ark_not_trusted));
  return ark;
}

Result<crypto::Certificate> issuer_of(const PresentedChain& chain, const Roots& roots) {
  if (!chain.ask.empty()) return parse_der_or_pem(chain.ask);
  return chain.label == VekKind::vlek ? roots.asvk() : roots.ask();
}

Result<void> check_signatures(const crypto::Certificate& ark, const crypto::Certificate& issuer,
                              const crypto::Certificate& vek) {
  TRY_VOID(check_signed_by(ark, ark.public_key(), Errc::chain_not_trusted));
  TRY_VOID(check_signed_by(issuer, ark.public_key(), Errc::chain_not_trusted));
  TRY_VOID(check_signed_by(vek, issuer.public_key(), Errc::chain_not_trusted));
  return {};
}

Result<void> check_authorities(const crypto::Certificate& ark, const crypto::Certificate& issuer) {
  if (ark.is_ca() && issuer.is_ca()) return {};
  return Error(Errc::chain_not_trusted, "an issuer is no certificate authority");
}

Result<void> check_key_type(const crypto::PublicKey& key) {
  auto curve = key.curve();
  if (curve.ok() && *curve == crypto::Curve::p384) return {};
  return Errc::vek_key_unsupported;
}

Result<void> check_kind(VekKind kind, VekKind label) {
  if (kind == label) return {};
  return Error(Errc::chain_not_trusted, "a " + std::string(to_string(kind)) +
                                            " was presented as a " + std::string(to_string(label)));
}

Result<void> check_tcb_shape(const VekExtensions& e, Product product) {
  const bool needs_fmc = tcb_layout(product) == TcbLayout::turin;
  if (e.tcb.fmc.has_value() == needs_fmc) return {};
  if (needs_fmc) return Error(Errc::vek_extension_missing, "fmcSPL");
  return Error(Errc::vek_extension_malformed, "fmcSPL on a product without it");
}

Result<void> check_hwid_shape(const VekExtensions& e, Product product) {
  if (!e.hwid.has_value() || e.hwid->size() == hwid_size(product)) return {};
  return Error(Errc::vek_extension_malformed,
               "a hardware id of " + std::to_string(e.hwid->size()) + " bytes");
}

}  // namespace

Result<crypto::Certificate> parse_der_or_pem(Bytes data) {
  constexpr std::string_view kMarker = "-----BEGIN CERTIFICATE-----";
  auto certificate = as_text(data).starts_with(kMarker)
                         ? crypto::Certificate::from_pem(as_text(data))
                         : crypto::Certificate::from_der(data);
  if (certificate.ok()) return certificate;
  return Error(Errc::certificate_malformed, certificate.error().to_string());
}

Result<VerifiedVek> verify_vek_chain(const PresentedChain& chain, const Roots& roots) {
  TRY(const auto ark, ark_of(chain, roots));
  TRY(const auto issuer, issuer_of(chain, roots));
  TRY(const auto certificate, parse_der_or_pem(chain.vek));
  TRY_VOID(check_signatures(ark, issuer, certificate));
  TRY_VOID(check_authorities(ark, issuer));
  auto key = certificate.public_key();
  TRY_VOID(check_key_type(key));
  TRY(auto extensions, parse_vek_extensions(certificate));
  TRY(const VekKind kind, vek_kind(extensions));
  TRY_VOID(check_kind(kind, chain.label));
  TRY_VOID(check_product_name(extensions, chain.product));
  TRY_VOID(check_tcb_shape(extensions, chain.product));
  TRY_VOID(check_hwid_shape(extensions, chain.product));
  const Time from = std::max({ark.not_before(), issuer.not_before(), certificate.not_before()});
  const Time until = std::min({ark.not_after(), issuer.not_after(), certificate.not_after()});
  return claims::VerifierOf<Vek>::seal(Vek{certificate, issuer, std::move(key), chain.product, kind,
                                           std::move(extensions), from, until});
}

Result<void> check_dates(const Vek& vek, Time t, ValidityDates policy) {
  switch (policy) {
    case ValidityDates::ignored:
      return {};
    case ValidityDates::enforced:
      if (t < vek.not_before) return Errc::vek_not_yet_valid;
      // The last second belongs to it whole.
      if (unix_seconds(t) > unix_seconds(vek.not_after)) return Errc::vek_expired;
      return {};
  }
  return Errc::vek_expired;
}

}  // namespace trustee::amd

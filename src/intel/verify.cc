#include "intel/verify.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/cursor.h"
#include "base/try.h"
#include "intel/errors.h"

namespace trustee::claims {

template <>
struct VerifierOf<intel::Attested> {
  static Verified<intel::Attested> seal(intel::Attested a) { return Verified(std::move(a)); }
};

}  // namespace trustee::claims

namespace trustee::intel {

namespace {

std::uint16_t le16(const ByteArray<2>& b) { return Cursor(b).u16le(); }

/// What needs no collateral.
Result<void> check_signatures(const Quote& quote, const PckChain& pck) {
  TRY_VOID(check_qe_report_signature(quote, pck.key));
  TRY_VOID(check_qe_report_data(quote));
  TRY_VOID(check_quote_signature(quote));
  return {};
}

Result<void> check_against(const Quote& quote, const PckChain& pck, const Collateral& collateral) {
  TRY_VOID(check_not_revoked(pck, collateral));
  TRY_VOID(check_tcb_info(quote, pck, (*collateral.tcb_info)->body));
  TRY_VOID(check_tdx_module(quote, (*collateral.tcb_info)->body));
  TRY_VOID(check_qe_identity(quote, (*collateral.qe_identity)->body));
  return {};
}

Result<TcbOutcome> tcb_of(const Quote& quote, const PckExtension& pck, const Collateral& collateral,
                          const std::optional<TcbComponents>& tee_tcb_svn) {
  const std::uint16_t qe_isvsvn = le16(quote.qe_report.isv_svn);
  return match_tcb((*collateral.tcb_info)->body, (*collateral.qe_identity)->body,
                   {pck.components, pck.pcesvn, qe_isvsvn, tee_tcb_svn});
}

Result<TcbOutcome> launch_tcb(const Quote& quote, const PckExtension& pck,
                              const Collateral& collateral) {
  const TdReport10* td = quote.td_report();
  if (td == nullptr) return tcb_of(quote, pck, collateral, std::nullopt);
  return tcb_of(quote, pck, collateral, td->tee_tcb_svn);
}

Result<TcbOutcome> current_tcb(const Quote& quote, const PckExtension& pck,
                               const Collateral& collateral, const TcbOutcome& launch) {
  const TdReport15* td = quote.td_report_15();
  if (td == nullptr) return launch;
  return tcb_of(quote, pck, collateral, td->tee_tcb_svn2);
}

/// Byte by byte: `have` under `mask` is `want`.
bool equals_masked(Bytes have, Bytes mask, Bytes want) {
  for (std::size_t i = 0; i < want.size(); ++i) {
    if ((have[i] & mask[i]) != want[i]) return false;
  }
  return true;
}

/// Flags and XFRM as the sixteen bytes that identities speak of.
ByteArray<16> attributes_of(const EnclaveReport& report) {
  ByteArray<16> out{};
  std::ranges::copy(report.attributes_flags, out.begin());
  std::ranges::copy(report.attributes_xfrm, out.begin() + 8);
  return out;
}

}  // namespace

Result<void> check_qe_report_signature(const Quote& quote, const crypto::PublicKey& pck) {
  if (pck.verify(crypto::SignatureScheme::es256, quote.qe_report_bytes(), quote.qe_report_signature)
          .ok()) {
    return {};
  }
  return Errc::qe_report_signature_invalid;
}

Result<void> check_qe_report_data(const Quote& quote) {
  const auto digest =
      crypto::digest(crypto::Hash::sha256, {quote.attestation_key, quote.qe_auth_data()});
  if (equal(Bytes(quote.qe_report.report_data).first(32), digest.bytes())) return {};
  return Errc::qe_report_data_mismatch;
}

Result<void> check_quote_signature(const Quote& quote) {
  const Bytes point(quote.attestation_key);
  const auto key =
      crypto::PublicKey::from_ec_point(crypto::Curve::p256, point.first(32), point.subspan(32));
  if (!key.ok()) return Errc::attestation_key_malformed;
  if (key->verify(crypto::SignatureScheme::es256, quote.signed_bytes(), quote.signature).ok()) {
    return {};
  }
  return Errc::quote_signature_invalid;
}

Result<void> check_not_revoked(const PckChain& pck, const Collateral& collateral) {
  const SignedPckCrl& list = **collateral.pck_crl;
  if (list.ca != pck.ca || !list.crl.names_as_issuer(pck.intermediate) ||
      !(list.chain.signer.public_key() == pck.intermediate.public_key())) {
    return Errc::collateral_mismatch;
  }
  if ((*collateral.root_crl)->crl.revokes(pck.intermediate)) {
    return Error(Errc::certificate_revoked, pck.intermediate.subject());
  }
  if (list.crl.revokes(pck.leaf)) {
    return Error(Errc::certificate_revoked,
                 pck.leaf.subject() + " with serial number " + pck.leaf.serial_hex());
  }
  return {};
}

Result<void> check_tcb_info(const Quote& quote, const PckChain& pck, const TcbInfo& info) {
  if (info.tee != quote.tee()) return Error(Errc::tcb_info_mismatch, "it is for another TEE");
  if (info.fmspc != pck.extension.fmspc) {
    return Error(Errc::tcb_info_mismatch, "it is for another FMSPC");
  }
  if (info.pce_id != pck.extension.pce_id) {
    return Error(Errc::tcb_info_mismatch, "it is for another PCE");
  }
  return {};
}

Result<void> check_tdx_module(const Quote& quote, const TcbInfo& info) {
  const TdReport10* td = quote.td_report();
  if (td == nullptr) return {};
  if (!info.tdx_module.has_value()) return Errc::tdx_module_mismatch;
  const TdxModule* want = &*info.tdx_module;
  if (const std::uint8_t major = td->tee_tcb_svn[1]; major > 0) {
    const TdxModuleIdentity* identity = find_module(info, major);
    if (identity == nullptr) {
      return Error(Errc::tdx_module_mismatch,
                   "no identity of major version " + std::to_string(static_cast<unsigned>(major)));
    }
    want = &identity->module;
  }
  if (td->mrsigner_seam != want->mrsigner) {
    return Error(Errc::tdx_module_mismatch, "it has another signer");
  }
  // The mask is not applied: a module with attributes is a debug module.
  if (td->seam_attributes != ByteArray<8>{} || td->seam_attributes != want->attributes) {
    return Error(Errc::tdx_module_mismatch, "it has other attributes");
  }
  return {};
}

Result<void> check_qe_identity(const Quote& quote, const QeIdentity& identity) {
  const EnclaveReport& qe = quote.qe_report;
  const auto mismatch = [](const char* what) { return Error(Errc::qe_identity_mismatch, what); };
  if (identity.tee != quote.tee()) return mismatch("the identity is for another TEE");
  if (!equals_masked(qe.misc_select, identity.misc_select_mask, identity.misc_select)) {
    return mismatch("MISCSELECT");
  }
  if (!equals_masked(attributes_of(qe), identity.attributes_mask, identity.attributes)) {
    return mismatch("ATTRIBUTES");
  }
  if (qe.mr_signer != identity.mrsigner) return mismatch("MRSIGNER");
  if (le16(qe.isv_prod_id) != identity.isv_prod_id) return mismatch("ISVPRODID");
  return {};
}

CollateralRequest request_of(const Quote& quote, const PckChain& pck) {
  return {pck.extension.fmspc, pck.ca, quote.tee()};
}

Result<Outcome> verify_quote(const Quote& quote, const Means& means, Time now) {
  TRY(VerifiedPckChain pck, means.cache.verify(quote.pck_chain(), means.root));
  TRY_VOID(check_signatures(quote, **pck));
  if (means.collateral == nullptr) return Outcome(Needs{request_of(quote, **pck)});
  const Collateral& collateral = **means.collateral;
  TRY_VOID(check_against(quote, **pck, collateral));
  const PckExtension& extension = (*pck)->extension;
  TRY(TcbOutcome launch, launch_tcb(quote, extension, collateral));
  TRY(TcbOutcome current, current_tcb(quote, extension, collateral, launch));
  TRY(const QuoteStatus status, quote_status(launch.status, current.status));
  const Lifespan lifespan = merged((*pck)->lifespan, collateral.lifespan);
  return Outcome(claims::VerifierOf<Attested>::seal({quote, std::move(pck), means.collateral,
                                                     std::move(launch), std::move(current), status,
                                                     lifespan, now}));
}

}  // namespace trustee::intel

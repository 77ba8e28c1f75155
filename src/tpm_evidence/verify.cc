#include "tpm_evidence/verify.h"

#include <array>
#include <utility>

#include "base/code_text.h"
#include "base/try.h"
#include "codec/hex.h"
#include "tpm/errors.h"
#include "tpm/quote.h"
#include "tpm/signature.h"
#include "tpm_evidence/errors.h"

namespace trustee::claims {

template <>
struct VerifierOf<tpm_evidence::Attested> {
  static Verified<tpm_evidence::Attested> seal(tpm_evidence::Attested a) {
    return Verified(std::move(a));
  }
};

}  // namespace trustee::claims

namespace trustee::tpm_evidence {

namespace {

constexpr std::size_t kNonceSize = 32;  // guests pad or cut to this

Result<void> check_report_data(const tpm::Quote& quote, const claims::Expected& expected) {
  if (!expected.report_data.has_value()) return {};  // nothing was given to compare with
  return tpm::check_nonce(quote, regularised<kNonceSize>(*expected.report_data));
}

Result<void> check_init_data(const tpm::Pcrs& pcrs, const claims::Expected& expected) {
  if (!expected.init_data_hash.has_value()) return {};  // nothing was given to compare with
  return tpm::check_init_data(pcrs, *expected.init_data_hash);
}

std::string_view to_string(AkTrust trust) {
  switch (trust) {
    case AkTrust::any:
      return "any";
    case AkTrust::listed:
      break;
  }
  return "listed";
}

}  // namespace

Result<void> check_ak_trust(const crypto::PublicKey& ak, const Policy& policy) {
  switch (policy.ak_trust) {
    case AkTrust::any:
      return {};
    case AkTrust::listed:
      break;
  }
  if (policy.trusted_aks.contains(ak)) return {};
  return Errc::ak_not_trusted;
}

Result<claims::Verified<Attested>> verify(const Evidence& evidence,
                                          const claims::Expected& expected, const Policy& policy) {
  TRY(const tpm::Signature signature, tpm::parse_signature(evidence.signature));
  TRY(const tpm::Quote quote, tpm::parse_quote(evidence.message));
  TRY_VOID(tpm::check_key_strength(evidence.ak));
  TRY_VOID(tpm::check_signature(evidence.ak, signature, evidence.message));
  TRY_VOID(tpm::check_pcr_selection(quote));
  TRY_VOID(tpm::check_pcr_digest(quote, evidence.pcrs, signature.hash));
  TRY_VOID(check_ak_trust(evidence.ak, policy));
  TRY_VOID(check_report_data(quote, expected));
  TRY_VOID(check_init_data(evidence.pcrs, expected));
  return claims::VerifierOf<Attested>::seal(
      Attested{evidence.ak_public, evidence.pcrs, to_vec(quote.extra_data), policy.ak_trust});
}

claims::ClaimSet claims_of(const claims::Verified<Attested>& attested) {
  json::Object claims = tpm::pcr_claims(attested->pcrs);
  claims.append("ak_public", attested->ak_public);
  claims.append("init_data", codec::hex_encode(attested->pcrs[tpm::kInitDataPcr]));
  claims.append("report_data", codec::hex_encode(attested->nonce));
  return {std::move(claims), claims::TeeClass::cpu};
}

json::Object verification_claims(const claims::Verified<Attested>& attested) {
  return json::Object{{"ak_trust", to_string(attested->ak_trust)}};
}

std::optional<std::string_view> upstream_text(const Code& code) {
  using T = tpm::Errc;
  static constexpr std::array kTexts{
      CodeText{Errc::evidence_malformed, "Failed to deserialize TPM evidence"},
      CodeText{T::pcr_malformed, "PCR should be 64 hex characters (32 bytes)"},
      CodeText{T::signature_malformed, "Failed to unmarshal TSS signature"},
      CodeText{T::signature_scheme_unsupported, "Unsupported signature type, expected RSA-SSA"},
      CodeText{T::signature_mismatch, "TPM quote signature verification failed"},
      CodeText{T::pcr_digest_mismatch, "Digest of PCRs does not match digest in Quote"},
      CodeText{T::nonce_mismatch, "TPM quote nonce doesn't match expected report_data"},
      CodeText{T::init_data_mismatch, "TPM PCR[8] doesn't match expected initdata hash"},
      CodeText{T::init_data_length, "TPM PCR[8] doesn't match expected initdata hash"},
  };
  return find_text(kTexts, code);
}

}  // namespace trustee::tpm_evidence

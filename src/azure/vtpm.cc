#include "azure/vtpm.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "azure/errors.h"
#include "base/code_text.h"
#include "base/try.h"
#include "codec/hex.h"
#include "crypto/digest.h"
#include "tpm/signature.h"

namespace trustee::azure {

namespace {

/// The report data to compare with: these TEEs do not go without.
Result<Bytes> given_report_data(const claims::Expected& expected) {
  if (!expected.report_data.has_value()) return Errc::report_data_missing;
  return *expected.report_data;
}

Result<void> check_minimum_version(const Evidence& evidence, const Policy& policy) {
  if (evidence.version >= policy.minimum_version) return {};
  return Error(Errc::evidence_version_too_old, "version " + std::to_string(evidence.version) +
                                                   ", at least " +
                                                   std::to_string(policy.minimum_version));
}

Result<void> check_hardware(const HclReport& hcl, Hardware hardware) {
  if (hcl.hardware == hardware) return {};
  return Errc::hcl_report_type_mismatch;
}

Result<void> check_quote_signature(const Evidence& evidence, const crypto::PublicKey& ak) {
  tpm::Signature signature;
  signature.scheme = tpm::Signature::Scheme::rsassa;
  signature.hash = crypto::Hash::sha256;
  signature.rsa = evidence.quote.signature;
  auto verified = tpm::check_signature(ak, signature, evidence.quote.message);
  if (verified.ok()) return {};
  return Error(Errc::quote_not_signed_by_ak, verified.error().to_string());
}

}  // namespace

Result<VtpmPart> check_vtpm(const Evidence& evidence, const claims::Expected& expected,
                            Hardware hardware, const Policy& policy) {
  TRY(const Bytes report_data, given_report_data(expected));
  TRY_VOID(check_minimum_version(evidence, policy));
  TRY(const HclReport hcl, parse_hcl_report(evidence.hcl_report));
  TRY_VOID(check_hardware(hcl, hardware));
  TRY(VariableData variable, parse_variable_data(hcl.variable_data));
  TRY_VOID(tpm::check_key_strength(variable.ak));
  TRY_VOID(check_quote_signature(evidence, variable.ak));
  TRY(tpm::Quote quote, tpm::parse_quote(evidence.quote.message));
  TRY_VOID(tpm::check_nonce(quote, report_data));
  TRY_VOID(tpm::check_pcr_selection(quote));
  TRY_VOID(tpm::check_pcr_digest(quote, evidence.quote.pcrs, crypto::Hash::sha256));
  return VtpmPart{hcl, std::move(variable), std::move(quote)};
}

Result<void> check_variable_data(const HclReport& hcl, const ByteArray<64>& report_data) {
  ByteArray<64> covered{};
  const ByteArray<32> digest = crypto::sha256(hcl.variable_data);
  std::copy(digest.begin(), digest.end(), covered.begin());
  if (covered == report_data) return {};
  return Errc::variable_data_mismatch;
}

Result<void> check_user_data(const Evidence& evidence, const VariableData& variable,
                             const claims::Expected& expected) {
  if (evidence.version < 2) return {};  // attesters of that age leave the user data empty
  TRY(const Bytes report_data, given_report_data(expected));
  if (!variable.user_data.has_value()) return Error(Errc::user_data_mismatch, "there are none");
  const auto user_data = user_data_of(variable);
  if (!user_data.ok()) return Error(Errc::user_data_mismatch, user_data.error().to_string());
  if (user_data->size() < report_data.size()) {
    return Error(Errc::user_data_mismatch, "they are shorter than the report data");
  }
  if (equal(Bytes(*user_data).first(report_data.size()), report_data)) return {};
  return Errc::user_data_mismatch;
}

Result<void> check_init_data(const Evidence& evidence, const claims::Expected& expected) {
  if (!expected.init_data_hash.has_value()) return {};  // nothing was given to compare with
  auto checked = tpm::check_init_data(evidence.quote.pcrs, *expected.init_data_hash);
  if (checked.ok()) return {};
  return Error(Errc::init_data_mismatch, checked.error().to_string());
}

void add_vtpm_claims(json::Object& claims, const tpm::Pcrs& pcrs, Bytes nonce) {
  claims.set("tpm", tpm::pcr_claims(pcrs));
  claims.set("init_data", codec::hex_encode(pcrs[tpm::kInitDataPcr]));
  claims.set("report_data", codec::hex_encode(nonce));
}

std::optional<std::string_view> upstream_text(const Code& code) {
  static constexpr std::array kTexts{
      CodeText{Errc::evidence_malformed,
               "data did not match any variant of untagged enum Evidence"},
      CodeText{Errc::report_data_missing, "unexpected empty report data"},
      CodeText{Errc::hcl_malformed, "invalid report type"},
      CodeText{Errc::variable_data_malformed, "Failed to get AKpub"},
      CodeText{Errc::ak_missing, "Failed to get AKpub"},
      CodeText{Errc::quote_not_signed_by_ak, "vTPM quote is not signed by AKpub"},
      CodeText{Errc::variable_data_mismatch,
               "HCL variable data digest doesn't match the report data of the hardware"},
      CodeText{Errc::user_data_mismatch,
               "User-data in HCL variable data doesn't match report_data"},
      CodeText{Errc::init_data_mismatch,
               "Expected init_data digest is different from the content of PCR8"},
  };
  return find_text(kTexts, code);
}

}  // namespace trustee::azure

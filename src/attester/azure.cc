#include "attester/azure.h"

#include <algorithm>

#include "attester/errors.h"
#include "attester/quoting_service.h"
#include "attester/tpm.h"
#include "base/cursor.h"
#include "base/try.h"
#include "codec/base64.h"
#include "codec/hex.h"
#include "codec/pem.h"

namespace trustee::attester {
namespace {

using std::chrono::milliseconds;

constexpr std::uint32_t kHclIndex = 0x01400001;
constexpr std::uint32_t kReportDataIndex = 0x01400002;
constexpr std::uint32_t kAkHandle = 0x81000003;
constexpr const char* kVcekPath = "/metadata/THIM/amd/certification";
constexpr const char* kTdQuotePath = "/acc/tdquote";
constexpr int kRefreshAttempts = 20;
constexpr milliseconds kRefreshPause{500};
constexpr std::uint16_t kRsassa = 0x0014;
constexpr int kEvidenceVersion = 2;

Result<std::unique_ptr<Tpm>> opened(Machine& machine) {
  TRY(const std::string tcti, tpm_tcti(machine));
  return machine.open_tpm(tcti);
}

Result<ByteVec> stored_hcl_report(Machine& machine) {
  TRY(const std::unique_ptr<Tpm> tpm, opened(machine));
  return tpm->nv_read(kHclIndex);
}

// The firmware makes the report anew some time after the write; it is done when it shows the data.
Result<ByteVec> fresh_hcl_report(Machine& machine, Tpm& tpm, const ByteArray<64>& report_data) {
  TRY_VOID(tpm.nv_write(kReportDataIndex, report_data));
  for (int attempt = 0; attempt < kRefreshAttempts; ++attempt) {
    TRY(ByteVec report, tpm.nv_read(kHclIndex));
    TRY(const azure::HclReport hcl, azure::parse_hcl_report(report));
    TRY(const azure::VariableData variable, azure::parse_variable_data(hcl.variable_data));
    TRY(const ByteVec user_data, azure::user_data_of(variable));
    if (equal(user_data, report_data)) return report;
    machine.pause(kRefreshPause);
  }
  return Errc::hcl_not_refreshed;
}

Error malformed(std::string_view what) {
  return Error(Errc::metadata_failed, "the metadata service sent no " + std::string(what));
}

// The text under one name of a JSON object.
Result<std::string> text_member(const std::string& body, std::string_view name) {
  const auto value = json::parse(body, json::Duplicates::last_wins);
  const json::Object* object = value.ok() ? value->as_object() : nullptr;
  const json::Value* member = object == nullptr ? nullptr : object->find(name);
  const std::string* text = member == nullptr ? nullptr : member->as_string();
  if (text == nullptr) return malformed(name);
  return *text;
}

Result<std::string> vcek(Machine& machine, const azure::HclReport&) {
  TRY(const std::string body, machine.metadata.get(kVcekPath));
  TRY(const std::string pem, text_member(body, "vcekCert"));
  const auto der = codec::pem_read_single(pem, "CERTIFICATE");
  if (!der.ok()) return malformed("certificate in vcekCert");
  return codec::base64url_padded_encode(*der);
}

Result<std::string> td_quote(Machine& machine, const azure::HclReport& hcl) {
  json::Object wanted;
  wanted.append("report", codec::base64url_encode(hcl.hardware_report.first(kTdReportSize)));
  TRY(const std::string body,
      machine.metadata.post_json(kTdQuotePath, json::write(std::move(wanted))));
  TRY(const std::string text, text_member(body, "quote"));
  std::string_view unpadded = text;
  unpadded = unpadded.substr(0, unpadded.find('='));
  const auto quote = codec::base64url_decode(unpadded);
  if (!quote.ok() || quote->empty()) return malformed("base64 in quote");
  return codec::base64url_padded_encode(*quote);
}

using Endorse = Result<std::string> (*)(Machine&, const azure::HclReport&);

Result<json::Value> evidence(Machine& machine, Bytes report_data, azure::Hardware kind,
                             const char* name, Endorse endorse) {
  TRY(const auto padded, padded_report_data(report_data));
  TRY(const std::unique_ptr<Tpm> tpm, opened(machine));
  TRY(const ByteVec report, fresh_hcl_report(machine, *tpm, padded));
  TRY(const azure::HclReport hcl, azure::parse_hcl_report(report));
  if (hcl.hardware != kind) return Errc::hcl_of_other_hardware;
  TRY(const SettledQuote settled, settled_quote(*tpm, kAkHandle, report_data));
  TRY(const ByteVec signature, rsassa_signature(settled.quote.signature));
  TRY(std::string endorsement, endorse(machine, hcl));
  json::Object quote;
  quote.append("signature", codec::hex_encode(signature));
  quote.append("message", codec::hex_encode(settled.quote.message));
  quote.append("pcrs", hex_of(settled.pcrs));
  json::Object out;
  out.append("version", kEvidenceVersion);
  out.append("tpm_quote", std::move(quote));
  out.append("hcl_report", codec::base64url_padded_encode(report));
  out.append(name, std::move(endorsement));
  return json::Value(std::move(out));
}

}  // namespace

Result<ByteVec> rsassa_signature(Bytes tpmt_signature) {
  Cursor in(tpmt_signature);
  const std::uint16_t algorithm = in.u16be();
  in.skip(2);  // the digest, which the AK fixes
  const auto size = in.length_u16be(in.remaining());
  if (!size.ok()) return Errc::answer_malformed;
  const Bytes signature = in.take(*size);
  if (!in.finish().ok()) return Errc::answer_malformed;
  if (algorithm != kRsassa) return Errc::tpm_key_unsupported;
  return to_vec(signature);
}

Result<std::optional<azure::Hardware>> azure_kind(Machine& machine) {
  const auto report = stored_hcl_report(machine);
  // Elsewhere the index is the owner's, who may keep anything there.
  if (!report.ok() || !azure::is_hcl_report(*report)) return std::optional<azure::Hardware>();
  TRY(const azure::HclReport hcl, azure::parse_hcl_report(*report));
  return std::optional(hcl.hardware);
}

Result<json::Value> azure_snp_evidence(Machine& machine, Bytes report_data) {
  return evidence(machine, report_data, azure::Hardware::snp, "vcek", vcek);
}

Result<json::Value> azure_tdx_evidence(Machine& machine, Bytes report_data) {
  return evidence(machine, report_data, azure::Hardware::tdx, "td_quote", td_quote);
}

}  // namespace trustee::attester

#include "intel/evidence.h"

#include <string>
#include <utility>

#include "base/try.h"
#include "codec/base64.h"
#include "intel/errors.h"

namespace trustee::intel {

namespace {

std::string_view upper(TeeType tee) {
  switch (tee) {
    case TeeType::sgx:
      return "SGX";
    case TeeType::tdx:
      return "TDX";
  }
  return "";
}

Error malformed(TeeType tee) {
  return {Errc::evidence_malformed, "Deserialize " + std::string(upper(tee)) + " Evidence failed."};
}

}  // namespace

Result<EvidenceDocument> read_evidence(std::string_view text, TeeType tee, std::size_t max) {
  json::Limits limits;
  limits.bytes = max;
  auto value = json::parse(text, json::Duplicates::refuse, limits);
  if (!value.ok()) return malformed(tee).while_doing(value.error().to_string());
  json::Object* object = value->as_object();
  if (object == nullptr) return malformed(tee);
  const auto quote = json::string_member(*object, "quote");
  if (!quote.ok()) return malformed(tee).while_doing(quote.error().to_string());
  if ((*quote)->empty()) {
    return Error(Errc::quote_empty, std::string(upper(tee)) + " Quote is empty.");
  }
  auto bytes = codec::base64_decode(**quote);
  if (!bytes.ok()) return Error(Errc::quote_not_base64, bytes.error().to_string());
  return EvidenceDocument{std::move(*bytes), std::move(*object)};
}

Result<void> check_report_data(const ByteArray<64>& report_data, TeeType tee,
                               const claims::Expected& expected) {
  if (!expected.report_data.has_value()) return {};
  if (regularised<64>(*expected.report_data) == report_data) return {};
  return Error(Errc::report_data_mismatch,
               "REPORT_DATA is different from that in " + std::string(upper(tee)) + " Quote");
}

}  // namespace trustee::intel

#include "tdx/evidence.h"

#include <utility>

#include "base/try.h"
#include "codec/base64.h"
#include "intel/errors.h"
#include "intel/evidence.h"
#include "tdx/errors.h"

namespace trustee::tdx {

namespace {

Result<std::optional<ByteVec>> event_log_of(const json::Object& members) {
  const json::Value* value = members.find("cc_eventlog");
  if (value == nullptr || value->is_null()) return std::optional<ByteVec>();
  const std::string* text = value->as_string();
  if (text == nullptr) {
    return Error(intel::Errc::evidence_malformed, "Deserialize TDX Evidence failed.");
  }
  if (text->empty()) return std::optional<ByteVec>();
  auto log = codec::base64_decode(*text);
  if (!log.ok()) return Error(Errc::event_log_not_base64, log.error().to_string());
  return std::optional(std::move(log).value());
}

}  // namespace

Result<Evidence> parse_evidence(std::string_view json) {
  TRY(auto document, intel::read_evidence(json, intel::TeeType::tdx, kMaxEvidence));
  TRY(auto event_log, event_log_of(document.members));
  return Evidence{std::move(document.quote), std::move(event_log)};
}

}  // namespace trustee::tdx

#include "tdx/claims.h"

#include <cstdint>
#include <utility>

#include "base/cursor.h"
#include "codec/hex.h"
#include "intel/claims.h"

namespace trustee::tdx {

namespace {

/// TD_ATTRIBUTES. Source: Intel TDX Module architecture specification, ATTRIBUTES.
constexpr unsigned kDebug = 0;
constexpr unsigned kSeptVeDisable = 28;
constexpr unsigned kMigratable = 29;
constexpr unsigned kProtectionKeys = 30;
constexpr unsigned kKeyLocker = 31;
constexpr unsigned kPerfmon = 63;

json::Value hex(Bytes b) { return codec::hex_encode(b); }

bool bit(const ByteArray<8>& attributes, unsigned n) {
  return ((Cursor(attributes).u64le() >> n) & 1U) != 0;
}

/// What only the extended body of TDX 1.5 has; upstream has no names for it, so Intel's stand here.
void append_extended(json::Object& body, const intel::Quote& quote) {
  const auto* r = quote.td_report_15_extended();
  if (r == nullptr) return;
  body.append("vmid", hex(r->vmid));
  body.append("td_id", hex(r->td_id));
  body.append("dev_info", hex(r->dev_info));
  body.append("init_servtd_hash", hex(r->init_servtd_hash));
  body.append("init_servtd_attributes", hex(r->init_servtd_attributes));
  body.append("init_cpusvn", hex(r->init_cpusvn));
  body.append("init_tee_tcb_svn", hex(r->init_tee_tcb_svn));
  body.append("init_tee_fmspc", hex(r->init_tee_fmspc));
  body.append("cur_servtd_hash", hex(r->cur_servtd_hash));
  body.append("cur_servtd_attributes", hex(r->cur_servtd_attributes));
}

json::Object body_claims(const intel::Quote& quote, const intel::TdReport10& r) {
  json::Object body{
      {"tcb_svn", hex(r.tee_tcb_svn)},
      {"mr_seam", hex(r.mr_seam)},
      {"mrsigner_seam", hex(r.mrsigner_seam)},
      {"seam_attributes", hex(r.seam_attributes)},
      {"td_attributes", hex(r.td_attributes)},
      {"xfam", hex(r.xfam)},
      {"mr_td", hex(r.mr_td)},
      {"mr_config_id", hex(r.mr_config_id)},
      {"mr_owner", hex(r.mr_owner)},
      {"mr_owner_config", hex(r.mr_owner_config)},
      {"rtmr_0", hex(r.rtmr_0)},
      {"rtmr_1", hex(r.rtmr_1)},
      {"rtmr_2", hex(r.rtmr_2)},
      {"rtmr_3", hex(r.rtmr_3)},
      {"report_data", hex(r.report_data)},
  };
  if (const auto* extended = quote.td_report_15(); extended != nullptr) {
    body.append("tee_tcb_svn2", hex(extended->tee_tcb_svn2));
    body.append("mr_servicetd", hex(extended->mr_servicetd));
  }
  append_extended(body, quote);
  return body;
}

json::Object attribute_claims(const ByteArray<8>& attributes) {
  return json::Object{
      {"debug", bit(attributes, kDebug)},
      {"septve_disable", bit(attributes, kSeptVeDisable)},
      {"protection_keys", bit(attributes, kProtectionKeys)},
      {"key_locker", bit(attributes, kKeyLocker)},
      {"perfmon", bit(attributes, kPerfmon)},
  };
}

void append_all(json::Object& to, json::Object from) {
  for (json::Member& m : from) {
    to.append(std::move(m.name), std::move(m.value));
  }
}

}  // namespace

json::Object quote_claims(const intel::Quote& quote) {
  json::Object out;
  const intel::TdReport10* report = quote.td_report();
  if (report == nullptr) return out;
  json::Object members{{"header", intel::header_claims(quote)},
                       {"body", body_claims(quote, *report)}};
  if (const auto* descriptor = quote.descriptor(); descriptor != nullptr) {
    members.append("type", hex(descriptor->type));
    members.append("size", hex(descriptor->size));
  }
  out.append("quote", std::move(members));
  out.append("td_attributes", attribute_claims(report->td_attributes));
  return out;
}

claims::ClaimSet claims_of(const claims::Verified<Attested>& attested) {
  const intel::TdReport10& report = attested->report();
  json::Object claims = quote_claims(attested->quote->quote);
  claims.append("report_data", hex(report.report_data));
  claims.append("init_data", hex(report.mr_config_id));
  if (attested->event_log.has_value()) claims.append("uefi_event_logs", *attested->event_log);
  append_all(claims, intel::dcap_claims(attested->quote));
  return {std::move(claims), claims::TeeClass::cpu};
}

json::Object verification_claims(const claims::Verified<Attested>& attested) {
  json::Object out = intel::verification_claims(attested->quote);
  out.append("td_debug", bit(attested->report().td_attributes, kDebug));
  out.append("td_migratable", bit(attested->report().td_attributes, kMigratable));
  return out;
}

}  // namespace trustee::tdx

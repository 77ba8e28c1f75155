#include "intel/claims.h"

#include <algorithm>
#include <utility>

#include "codec/hex.h"
#include "codec/time.h"
#include "crypto/digest.h"

namespace trustee::intel {

namespace {

json::Value hex(Bytes b) { return codec::hex_encode(b); }
json::Value date(Time t) { return codec::rfc3339_seconds(t); }
json::Value number(std::uint32_t n) { return json::Number(static_cast<std::uint64_t>(n)); }

json::Value texts(const std::vector<std::string>& all) {
  json::Array out;
  for (const std::string& one : all) {
    out.emplace_back(one);
  }
  return out;
}

ByteArray<48> root_key_id(const crypto::Certificate& root) {
  const auto key = RootKey::of(root);
  return crypto::sha384(key.ok() ? Bytes(key->point()) : Bytes());
}

void add_configuration(json::Object& out, const PckExtension& extension) {
  if (extension.sgx_type == 0 || !extension.configuration.has_value()) return;
  const PckConfiguration& c = *extension.configuration;
  out.append("is_dynamic_platform", c.dynamic_platform);
  out.append("is_cached_keys", c.cached_keys);
  out.append("is_smt_enabled", c.smt_enabled);
}

}  // namespace

json::Object dcap_claims(const claims::Verified<Attested>& attested) {
  const Attested& a = *attested;
  const Collateral& collateral = **a.collateral;
  const PckExtension& extension = (*a.pck)->extension;
  json::Object out{
      {"earliest_issue_date", date(a.lifespan.earliest_issue)},
      {"latest_issue_date", date(a.lifespan.latest_issue)},
      {"earliest_expiration_date", date(a.lifespan.earliest_expiration)},
      {"tcb_date", date(a.launch.date)},
      {"pck_crl_num", number((*collateral.pck_crl)->number)},
      {"root_ca_crl_num", number((*collateral.root_crl)->number)},
      {"tcb_eval_num", number(std::min((*collateral.tcb_info)->body.evaluation_number,
                                       (*collateral.qe_identity)->body.evaluation_number))},
      {"platform_provider_id", hex(extension.ppid)},
      {"sgx_type", sgx_type_text(extension.sgx_type)},
  };
  add_configuration(out, extension);
  out.append("root_key_id", hex(root_key_id((*a.pck)->root)));
  out.append("tcb_status", to_string(a.status));
  out.append("collateral_expiration_status", a.expired() ? "1" : "0");
  out.append("advisory_ids", texts(a.launch.advisories));
  out.append("tcb_date_current", date(a.current.date));
  out.append("tcb_status_current", to_string(a.current.status));
  out.append("advisory_ids_current", texts(a.current.advisories));
  if (extension.platform_instance_id.has_value()) {
    out.append("platform_instance_id", platform_instance_id_text(*extension.platform_instance_id));
  }
  return out;
}

json::Object verification_claims(const claims::Verified<Attested>& attested) {
  const Attested& a = *attested;
  json::Object out{
      {"tcb_status_platform", to_string(a.launch.platform)},
      {"tcb_status_qe", to_string(a.launch.qe)},
  };
  if (a.launch.tdx_module.has_value()) {
    out.append("tcb_status_tdx_module", to_string(*a.launch.tdx_module));
  }
  out.append("collateral_not_yet_issued", a.lifespan.latest_issue > a.judged_at);
  return out;
}

json::Object header_claims(const Quote& quote) {
  const QuoteHeader& h = quote.header;
  json::Object out{{"version", hex(h.version)}, {"att_key_type", hex(h.attestation_key_type)}};
  const Bytes reserved(h.reserved);
  if (quote.version() == 3) {
    out.append("att_key_data_0", hex(h.tee_type));
    out.append("qe_svn", hex(reserved.first(2)));
    out.append("pce_svn", hex(reserved.subspan(2)));
  } else {
    out.append("tee_type", hex(h.tee_type));
    out.append("reserved", hex(reserved));
  }
  out.append("vendor_id", hex(h.vendor_id));
  out.append("user_data", hex(h.user_data));
  return out;
}

}  // namespace trustee::intel

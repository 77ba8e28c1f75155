#include "sgx/claims.h"

#include <utility>

#include "base/cursor.h"
#include "codec/hex.h"
#include "intel/claims.h"

namespace trustee::sgx {

namespace {

json::Value hex(Bytes b) { return codec::hex_encode(b); }

json::Object body_claims(const intel::EnclaveReport& r) {
  return json::Object{
      {"cpu_svn", hex(r.cpu_svn)},
      {"misc_select", hex(r.misc_select)},
      {"reserved1", hex(r.reserved1)},
      {"isv_ext_prod_id", hex(r.isv_ext_prod_id)},
      {"attributes.flags", hex(r.attributes_flags)},
      {"attributes.xfrm", hex(r.attributes_xfrm)},
      {"mr_enclave", hex(r.mr_enclave)},
      {"reserved2", hex(r.reserved2)},
      {"mr_signer", hex(r.mr_signer)},
      {"reserved3", hex(r.reserved3)},
      {"config_id", hex(r.config_id)},
      {"isv_prod_id", hex(r.isv_prod_id)},
      {"isv_svn", hex(r.isv_svn)},
      {"config_svn", hex(r.config_svn)},
      {"reserved4", hex(r.reserved4)},
      {"isv_family_id", hex(r.isv_family_id)},
      {"report_data", hex(r.report_data)},
  };
}

/// Source: Intel SDM volume 3D, ATTRIBUTES.
json::Object attribute_claims(const ByteArray<8>& flags) {
  const std::uint64_t bits = Cursor(flags).u64le();
  const auto bit = [bits](unsigned n) { return ((bits >> n) & 1U) != 0; };
  return json::Object{
      {"debug", bit(1)},          {"mode64bit", bit(2)}, {"provision_key", bit(4)},
      {"einittoken_key", bit(5)}, {"kss", bit(7)},       {"aex_notify", bit(10)},
  };
}

}  // namespace

json::Object quote_claims(const intel::Quote& quote) {
  const intel::EnclaveReport* report = quote.enclave_report();
  if (report == nullptr) return {};
  json::Object out{
      {"header", intel::header_claims(quote)},
      {"body", body_claims(*report)},
      {"report_data", hex(report->report_data)},
      {"init_data", hex(report->config_id)},
      {"attributes", attribute_claims(report->attributes_flags)},
  };
  if (const auto* descriptor = quote.descriptor(); descriptor != nullptr) {
    out.append("type", hex(descriptor->type));
    out.append("size", hex(descriptor->size));
  }
  return out;
}

claims::ClaimSet claims_of(const claims::Verified<Attested>& attested) {
  json::Object claims = quote_claims(attested->quote->quote);
  for (json::Member& m : intel::dcap_claims(attested->quote)) {
    claims.append(std::move(m.name), std::move(m.value));
  }
  return {std::move(claims), claims::TeeClass::cpu};
}

json::Object verification_claims(const claims::Verified<Attested>& attested) {
  return intel::verification_claims(attested->quote);
}

}  // namespace trustee::sgx

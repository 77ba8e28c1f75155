#include <utility>

#include "base/check.h"
#include "snp/evidence.h"

namespace trustee::snp {

namespace {

json::Value byte_array(Bytes bytes) {
  json::Array array;
  array.reserve(bytes.size());
  for (const std::uint8_t b : bytes) {
    array.emplace_back(static_cast<int>(b));
  }
  return array;
}

json::Value number(std::uint64_t n) { return json::Number(n); }

json::Value tcb(const amd::Tcb& t) {
  return json::Object{{"fmc", t.fmc.has_value() ? number(*t.fmc) : json::Value()},
                      {"bootloader", number(t.bootloader)},
                      {"tee", number(t.tee)},
                      {"snp", number(t.snp)},
                      {"microcode", number(t.microcode)}};
}

json::Value firmware_version(const FirmwareVersion& v) {
  return json::Object{
      {"major", number(v.major)}, {"minor", number(v.minor)}, {"build", number(v.build)}};
}

void append_versioned(json::Object& o, const Report& r) {
  const auto* v5 = std::get_if<V5>(&r.versioned);
  o.append("launch_mit_vector", v5 != nullptr ? number(v5->launch_mit_vector) : json::Value());
  o.append("current_mit_vector", v5 != nullptr ? number(v5->current_mit_vector) : json::Value());
}

json::Object report_object(const Report& r) {
  const Cpuid* cpuid = r.cpuid();
  json::Object o{
      {"version", number(r.version)},
      {"guest_svn", number(r.guest_svn)},
      {"policy", number(r.policy)},
      {"family_id", byte_array(r.family_id)},
      {"image_id", byte_array(r.image_id)},
      {"vmpl", number(r.vmpl)},
      {"sig_algo", number(r.signature_algorithm)},
      {"current_tcb", tcb(r.current_tcb)},
      {"plat_info", number(r.platform_info)},
      {"key_info", number(r.key_info)},
      {"report_data", byte_array(r.report_data)},
      {"measurement", byte_array(r.measurement)},
      {"host_data", byte_array(r.host_data)},
      {"id_key_digest", byte_array(r.id_key_digest)},
      {"author_key_digest", byte_array(r.author_key_digest)},
      {"report_id", byte_array(r.report_id)},
      {"report_id_ma", byte_array(r.report_id_ma)},
      {"reported_tcb", tcb(r.reported_tcb)},
      {"cpuid_fam_id", cpuid != nullptr ? number(cpuid->family) : json::Value()},
      {"cpuid_mod_id", cpuid != nullptr ? number(cpuid->model) : json::Value()},
      {"cpuid_step", cpuid != nullptr ? number(cpuid->stepping) : json::Value()},
      {"chip_id", byte_array(r.chip_id)},
      {"committed_tcb", tcb(r.committed_tcb)},
      {"current", firmware_version(r.current)},
      {"committed", firmware_version(r.committed)},
      {"launch_tcb", tcb(r.launch_tcb)},
  };
  append_versioned(o, r);
  o.append("signature",
           json::Object{{"r", byte_array(r.signature_r)}, {"s", byte_array(r.signature_s)}});
  return o;
}

json::Value certificate_type(CertificateType type) {
  switch (type) {
    case CertificateType::ark:
      return "ARK";
    case CertificateType::ask:
      return "ASK";
    case CertificateType::vcek:
      return "VCEK";
    case CertificateType::vlek:
      return "VLEK";
    case CertificateType::other:
      return "Empty";
  }
  check_failed("known CertificateType", __FILE__, __LINE__);
}

}  // namespace

json::Value evidence_value(const Report& report,
                           const std::optional<std::vector<CertificateEntry>>& cert_chain) {
  json::Value chain;
  if (cert_chain.has_value()) {
    json::Array entries;
    for (const CertificateEntry& entry : *cert_chain) {
      entries.emplace_back(json::Object{{"cert_type", certificate_type(entry.type)},
                                        {"data", byte_array(entry.data)}});
    }
    chain = std::move(entries);
  }
  return json::Object{{"attestation_report", report_object(report)}, {"cert_chain", chain}};
}

}  // namespace trustee::snp

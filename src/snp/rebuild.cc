#include <algorithm>
#include <string>

#include "base/try.h"
#include "snp/errors.h"
#include "snp/evidence.h"

namespace trustee::snp {

namespace {

/// Fills a report front to back.
class Writer {
 public:
  explicit Writer(ByteArray<kReportSize>& out) : rest_(out) {}

  void bytes(Bytes in) {
    std::copy(in.begin(), in.end(), rest_.begin());
    rest_ = rest_.subspan(in.size());
  }
  void zeros(std::size_t n) { rest_ = rest_.subspan(n); }
  void u8(std::uint8_t n) { bytes({&n, 1}); }
  void u32le(std::uint32_t n) { little(n, 4); }
  void u64le(std::uint64_t n) { little(n, 8); }
  void firmware_version(const FirmwareVersion& v) {
    u8(v.build);
    u8(v.minor);
    u8(v.major);
    zeros(1);
  }

 private:
  void little(std::uint64_t n, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
      u8(static_cast<std::uint8_t>(n >> (8U * i)));
    }
  }

  std::span<std::uint8_t> rest_;
};

Result<void> check_version_known(std::uint32_t version) {
  if (version < 2) return Error(Errc::version_too_old, "version " + std::to_string(version));
  if (version > kNewestKnown) {
    return Error(Errc::version_unexpected, "version " + std::to_string(version));
  }
  return {};
}

Result<amd::TcbLayout> layout_of(const ReportFields& f) {
  if (f.version == 2) return tcb_layout_of_v2(f.chip_id);
  if (!f.cpuid_family.has_value()) return Errc::cpuid_family_missing;
  if (!f.cpuid_model.has_value()) return Errc::cpuid_model_missing;
  TRY(const auto product, amd::product_from_cpuid(*f.cpuid_family, *f.cpuid_model));
  return amd::tcb_layout(product);
}

void write_head(Writer& w, const ReportFields& f, amd::TcbLayout layout) {
  w.u32le(f.version);                              // 0x000
  w.u32le(f.guest_svn);                            // 0x004
  w.u64le(f.policy);                               // 0x008
  w.bytes(f.family_id);                            // 0x010
  w.bytes(f.image_id);                             // 0x020
  w.u32le(f.vmpl);                                 // 0x030
  w.u32le(f.signature_algorithm);                  // 0x034
  w.bytes(amd::write_tcb(f.current_tcb, layout));  // 0x038
  w.u64le(f.platform_info);                        // 0x040
  w.u32le(f.key_info);                             // 0x048
  w.zeros(4);                                      // 0x04C
  w.bytes(f.report_data);                          // 0x050
  w.bytes(f.measurement);                          // 0x090
  w.bytes(f.host_data);                            // 0x0C0
  w.bytes(f.id_key_digest);                        // 0x0E0
  w.bytes(f.author_key_digest);                    // 0x110
  w.bytes(f.report_id);                            // 0x140
  w.bytes(f.report_id_ma);                         // 0x160
}

void write_tail(Writer& w, const ReportFields& f, amd::TcbLayout layout) {
  const bool has_cpuid = f.version >= 3;
  const bool has_mitigations = f.version >= 5;
  w.bytes(amd::write_tcb(f.reported_tcb, layout));   // 0x180
  w.u8(has_cpuid ? f.cpuid_family.value_or(0) : 0);  // 0x188
  w.u8(has_cpuid ? f.cpuid_model.value_or(0) : 0);
  w.u8(has_cpuid ? f.cpuid_stepping.value_or(0) : 0);
  w.zeros(21);                                                      // 0x18B
  w.bytes(f.chip_id);                                               // 0x1A0
  w.bytes(amd::write_tcb(f.committed_tcb, layout));                 // 0x1E0
  w.firmware_version(f.current);                                    // 0x1E8
  w.firmware_version(f.committed);                                  // 0x1EC
  w.bytes(amd::write_tcb(f.launch_tcb, layout));                    // 0x1F0
  w.u64le(has_mitigations ? f.launch_mit_vector.value_or(0) : 0);   // 0x1F8
  w.u64le(has_mitigations ? f.current_mit_vector.value_or(0) : 0);  // 0x200
  w.zeros(152);                                                     // 0x208
  w.bytes(f.signature_r);                                           // 0x2A0
  w.bytes(f.signature_s);                                           // 0x2E8
}

}  // namespace

Result<ByteArray<kReportSize>> rebuild(const ReportFields& fields) {
  TRY_VOID(check_version_known(fields.version));
  TRY(const auto layout, layout_of(fields));
  ByteArray<kReportSize> out{};
  Writer w(out);
  write_head(w, fields, layout);
  write_tail(w, fields, layout);
  return out;
}

Result<Report> report_of(const Evidence& evidence) {
  if (const auto* raw = std::get_if<ByteVec>(&evidence.report); raw != nullptr) {
    return parse_report(*raw);
  }
  TRY(const auto bytes, rebuild(*std::get_if<ReportFields>(&evidence.report)));
  return parse_report(bytes);
}

}  // namespace trustee::snp

#include "snp/format.h"

#include <algorithm>
#include <string>

#include "base/cursor.h"
#include "base/try.h"
#include "snp/errors.h"

namespace trustee::snp {

namespace {

/// The four TCB_VERSIONs, kept as bytes until the CPU behind them is known.
struct RawTcbs {
  ByteArray<8> current{};
  ByteArray<8> reported{};
  ByteArray<8> committed{};
  ByteArray<8> launch{};
};

FirmwareVersion read_firmware_version(Cursor& c) {
  FirmwareVersion v;
  v.build = c.u8();
  v.minor = c.u8();
  v.major = c.u8();
  c.zeros(1);
  return v;
}

Cpuid read_cpuid(Cursor& c) {
  Cpuid id;
  id.family = c.u8();
  id.model = c.u8();
  id.stepping = c.u8();
  return id;
}

/// 0x188, 24 bytes: the CPU, from version 3 on.
void read_versioned_cpuid(Cursor& c, Report& r) {
  if (r.version >= 5) {
    r.versioned = V5{read_cpuid(c), 0, 0};
    c.zeros(21);
  } else if (r.version >= 3) {
    r.versioned = V3{read_cpuid(c)};
    c.zeros(21);
  } else {
    r.versioned = V2{};
    c.zeros(24);
  }
}

/// 0x1F8, 168 bytes: the mitigation vectors, from version 5 on.
void read_versioned_tail(Cursor& c, Report& r) {
  if (auto* v5 = std::get_if<V5>(&r.versioned); v5 != nullptr) {
    v5->launch_mit_vector = c.u64le();
    v5->current_mit_vector = c.u64le();
    c.zeros(152);
  } else {
    c.zeros(168);
  }
}

/// 0x000 to 0x180: the same in all versions.
void read_head(Cursor& c, Report& r, RawTcbs& tcbs) {
  r.guest_svn = c.u32le();              // 0x004
  r.policy = c.u64le();                 // 0x008
  r.family_id = c.array<16>();          // 0x010
  r.image_id = c.array<16>();           // 0x020
  r.vmpl = c.u32le();                   // 0x030
  r.signature_algorithm = c.u32le();    // 0x034
  tcbs.current = c.array<8>();          // 0x038
  r.platform_info = c.u64le();          // 0x040
  r.key_info = c.u32le();               // 0x048
  c.zeros(4);                           // 0x04C
  r.report_data = c.array<64>();        // 0x050
  r.measurement = c.array<48>();        // 0x090
  r.host_data = c.array<32>();          // 0x0C0
  r.id_key_digest = c.array<48>();      // 0x0E0
  r.author_key_digest = c.array<48>();  // 0x110
  r.report_id = c.array<32>();          // 0x140
  r.report_id_ma = c.array<32>();       // 0x160
}

void read_tail(Cursor& c, Report& r, RawTcbs& tcbs) {
  tcbs.reported = c.array<8>();            // 0x180
  read_versioned_cpuid(c, r);              // 0x188
  r.chip_id = c.array<64>();               // 0x1A0
  tcbs.committed = c.array<8>();           // 0x1E0
  r.current = read_firmware_version(c);    // 0x1E8
  r.committed = read_firmware_version(c);  // 0x1EC
  tcbs.launch = c.array<8>();              // 0x1F0
  read_versioned_tail(c, r);               // 0x1F8
  r.signature_r = c.array<kScalarSize>();  // 0x2A0
  r.signature_s = c.array<kScalarSize>();  // 0x2E8
  c.zeros(368);                            // 0x330
}

Error malformed(const Error& cause) { return {Errc::report_malformed, cause.to_string()}; }

Result<void> decode_tcbs(Report& r, const RawTcbs& raw, amd::TcbLayout layout) {
  const struct {
    const ByteArray<8>& from;
    amd::Tcb& to;
  } parts[] = {{raw.current, r.current_tcb},
               {raw.reported, r.reported_tcb},
               {raw.committed, r.committed_tcb},
               {raw.launch, r.launch_tcb}};
  for (const auto& part : parts) {
    Cursor c(part.from);
    part.to = amd::read_tcb(c, layout);
    if (auto done = c.finish(); !done.ok()) return malformed(done.error());
  }
  return {};
}

Result<amd::TcbLayout> layout_of(const Report& r) {
  if (r.cpuid() == nullptr) return tcb_layout_of_v2(r.chip_id);
  TRY(const auto product, product_of(r));
  return amd::tcb_layout(product);
}

Result<void> check_version_known(std::uint32_t version) {
  if (version < 2) return Error(Errc::version_too_old, "version " + std::to_string(version));
  if (version > kNewestKnown) {
    return Error(Errc::version_unexpected, "version " + std::to_string(version));
  }
  return {};
}

}  // namespace

const Cpuid* Report::cpuid() const {
  if (const auto* v5 = std::get_if<V5>(&versioned); v5 != nullptr) return &v5->cpuid;
  if (const auto* v3 = std::get_if<V3>(&versioned); v3 != nullptr) return &v3->cpuid;
  return nullptr;
}

Result<Report> parse_report(Bytes in) {
  Cursor c(in);
  Report r;
  RawTcbs tcbs;
  r.version = c.u32le();  // 0x000
  if (c.failed()) return Error(Errc::report_malformed, "no version");
  TRY_VOID(check_version_known(r.version));
  read_head(c, r, tcbs);
  read_tail(c, r, tcbs);
  if (auto done = c.finish(); !done.ok()) return malformed(done.error());
  TRY(const auto layout, layout_of(r));
  TRY_VOID(decode_tcbs(r, tcbs, layout));
  std::copy(in.begin(), in.end(), r.bytes.begin());  // finish: exactly kReportSize
  return r;
}

Result<amd::Product> product_of(const Report& report) {
  const Cpuid* cpuid = report.cpuid();
  if (cpuid == nullptr) return Errc::version_too_old;
  return amd::product_from_cpuid(cpuid->family, cpuid->model);
}

Result<amd::TcbLayout> tcb_layout_of_v2(const ByteArray<64>& chip_id) {
  const auto zero = [](std::uint8_t b) { return b == 0; };
  if (std::all_of(chip_id.begin(), chip_id.end(), zero)) return Errc::tcb_layout_unknown;
  const bool short_id = std::all_of(chip_id.begin() + 8, chip_id.end(), zero);
  return short_id ? amd::TcbLayout::turin : amd::TcbLayout::legacy;
}

}  // namespace trustee::snp

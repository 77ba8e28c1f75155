#pragma once

#include <cstddef>
#include <cstdint>
#include <variant>

#include "amd/product.h"
#include "base/bytes.h"
#include "base/result.h"

namespace trustee::snp {

inline constexpr std::size_t kReportSize = 0x4A0;
inline constexpr std::size_t kSignedSize = 0x2A0;  ///< what the signature covers, from the start
inline constexpr std::size_t kScalarSize = 72;     ///< r and s: little-endian, zero extended

inline constexpr std::uint32_t kOldestAccepted = 3;
inline constexpr std::uint32_t kNewestKnown = 5;

/// POLICY
inline constexpr std::uint64_t kPolicySmt = 1ULL << 16U;
inline constexpr std::uint64_t kPolicyMigrateMa = 1ULL << 18U;
inline constexpr std::uint64_t kPolicyDebug = 1ULL << 19U;
inline constexpr std::uint64_t kPolicySingleSocket = 1ULL << 20U;
/// PLATFORM_INFO
inline constexpr std::uint64_t kPlatformSmt = 1ULL << 0U;
inline constexpr std::uint64_t kPlatformTsme = 1ULL << 1U;
/// KEY_INFO.SIGNING_KEY
inline constexpr std::uint32_t kSigningKeyVcek = 0;
inline constexpr std::uint32_t kSigningKeyVlek = 1;

struct Cpuid {
  std::uint8_t family = 0;
  std::uint8_t model = 0;
  std::uint8_t stepping = 0;
};

struct FirmwareVersion {
  std::uint8_t major = 0;
  std::uint8_t minor = 0;
  std::uint8_t build = 0;
  friend bool operator==(const FirmwareVersion&, const FirmwareVersion&) = default;
};

/// What only reports of a certain version have. Version 4 is read as 3.
struct V2 {};
struct V3 {
  Cpuid cpuid;
};
struct V5 {
  Cpuid cpuid;
  std::uint64_t launch_mit_vector = 0;
  std::uint64_t current_mit_vector = 0;
};

/// What a report of every version tells.
struct ReportBody {
  std::uint32_t version = 0;
  std::uint32_t guest_svn = 0;
  std::uint64_t policy = 0;
  ByteArray<16> family_id{};
  ByteArray<16> image_id{};
  std::uint32_t vmpl = 0;
  std::uint32_t signature_algorithm = 0;
  amd::Tcb current_tcb;
  std::uint64_t platform_info = 0;
  std::uint32_t key_info = 0;
  ByteArray<64> report_data{};
  ByteArray<48> measurement{};
  ByteArray<32> host_data{};
  ByteArray<48> id_key_digest{};
  ByteArray<48> author_key_digest{};
  ByteArray<32> report_id{};
  ByteArray<32> report_id_ma{};
  amd::Tcb reported_tcb;  ///< the one that the endorsement key is bound to
  ByteArray<64> chip_id{};
  amd::Tcb committed_tcb;
  FirmwareVersion current;
  FirmwareVersion committed;
  amd::Tcb launch_tcb;
  ByteArray<kScalarSize> signature_r{};
  ByteArray<kScalarSize> signature_s{};
  friend bool operator==(const ReportBody&, const ReportBody&) = default;
};

/// ATTESTATION_REPORT as parsed; `bytes` is what it was parsed from.
struct Report : ReportBody {
  std::variant<V2, V3, V5> versioned;
  ByteArray<kReportSize> bytes{};

  /// The slice that the signature covers. Lifetime: that of the report.
  Bytes signed_bytes() const { return Bytes(bytes).first(kSignedSize); }
  /// KEY_INFO[4:2]
  std::uint32_t signing_key() const { return (key_info >> 2U) & 7U; }
  /// The CPU, which version 2 does not tell.
  const Cpuid* cpuid() const;
};

/// Reads the 1184 bytes of a report of version 2 to 5. All reserved bytes must be zero.
/// Errors  report_malformed, version_too_old (below 2), version_unexpected (above 5),
///         tcb_layout_unknown, amd::processor_*_not_supported.
/// Source  SEV-SNP firmware ABI (56860), ATTESTATION_REPORT; verifiers specification 4.2.
Result<Report> parse_report(Bytes in);

/// The product line of a report of version 3 or later, from its CPUID.
/// Errors  version_too_old, amd::processor_*_not_supported.
Result<amd::Product> product_of(const Report& report);

/// How the TCB parts of a version 2 report stand: Turin when the chip id ends after 8 bytes.
/// Errors  tcb_layout_unknown (no chip id at all).
Result<amd::TcbLayout> tcb_layout_of_v2(const ByteArray<64>& chip_id);

}  // namespace trustee::snp

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "amd/product.h"
#include "base/bytes.h"
#include "base/result.h"
#include "codec/json.h"
#include "snp/format.h"

namespace trustee::snp {

/// Bounds of an evidence document; one past is refused (evidence_malformed).
inline constexpr std::size_t kMaxEvidence = 1U << 20U;          ///< bytes of JSON
inline constexpr std::size_t kMaxCertificates = 16;             ///< entries of cert_chain
inline constexpr std::size_t kMaxCertificateSize = 16U << 10U;  ///< bytes of one entry

/// The member `attestation_report` as guests send it: the fields of the report one by one. They
/// prove nothing before they are put together again and verified; nothing but rebuild() reads them.
struct ReportFields : ReportBody {
  std::optional<std::uint8_t> cpuid_family;
  std::optional<std::uint8_t> cpuid_model;
  std::optional<std::uint8_t> cpuid_stepping;
  std::optional<std::uint64_t> launch_mit_vector;
  std::optional<std::uint64_t> current_mit_vector;
  friend bool operator==(const ReportFields&, const ReportFields&) = default;
};

/// What an entry of cert_chain says it is; everything we have no use for is `other`.
enum class CertificateType : std::uint8_t { ark, ask, vcek, vlek, other };

struct CertificateEntry {
  CertificateType type = CertificateType::other;
  ByteVec data;  ///< DER, or PEM when it starts with its marker
  friend bool operator==(const CertificateEntry&, const CertificateEntry&) = default;
};

/// The type under its wire name; nothing for a name that is none (`{"OTHER": …}` is no name).
std::optional<CertificateType> certificate_type_of(std::string_view name);

/// SNP evidence as received.
struct Evidence {
  /// Fields, or (our addition) the report's own bytes from base64 text.
  std::variant<ReportFields, ByteVec> report;
  /// Absent or null in the JSON: nothing, and the VCEK has to be fetched. `[]` is not that.
  std::optional<std::vector<CertificateEntry>> cert_chain;
  friend bool operator==(const Evidence&, const Evidence&) = default;
};

/// Reads evidence JSON. Unknown members are ignored; `fmc`, `cpuid_*`, `*_mit_vector` and
/// `cert_chain` may be null or absent; byte arrays have exactly their length.
/// Errors  evidence_malformed.
/// Source  verifiers specification 4.1.
Result<Evidence> parse_evidence(std::string_view json);

/// Puts the report's bytes together. Fields that the version lacks are not part of it.
/// Errors  version_too_old, version_unexpected, cpuid_*_missing, tcb_layout_unknown,
///         amd::processor_*_not_supported.
Result<ByteArray<kReportSize>> rebuild(const ReportFields& fields);

/// The parsed report of the evidence: what is verified and what claims are made of.
/// Errors  as rebuild and parse_report.
Result<Report> report_of(const Evidence& evidence);

/// The evidence JSON a guest sends for `report`; the inverse of parse_evidence and rebuild.
json::Value evidence_value(const Report& report,
                           const std::optional<std::vector<CertificateEntry>>& cert_chain);

}  // namespace trustee::snp

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/key.h"

namespace trustee::azure {

inline constexpr std::size_t kHardwareReportSize = 1184;
inline constexpr std::size_t kMaxHclReport = 16U << 10U;  ///< bytes; today's have 2,600

/// Which hardware made the report inside.
enum class Hardware : std::uint8_t { snp = 2, tdx = 4 };

/// The report that Azure's paravisor (HCL) keeps in the vTPM: a hardware report and the data it
/// covers. Lifetime: views into the parsed bytes.
struct HclReport {
  Hardware hardware = Hardware::snp;
  Bytes hardware_report;  ///< kHardwareReportSize: an SNP report, or a TDREPORT and zeros
  Bytes variable_data;    ///< JSON
};

/// Whether the bytes begin as an HCL report does, of whatever version.
bool is_hcl_report(Bytes in);

/// Reads an HCL report. What pads it after the variable data is not looked at.
/// Errors  hcl_malformed, hcl_hash_unsupported.
/// Source  verifiers specification 9.2.
Result<HclReport> parse_hcl_report(Bytes in);

/// What the variable data say.
struct VariableData {
  crypto::PublicKey ak;                  ///< `HCLAkPub`: the vTPM's attestation key
  std::optional<std::string> user_data;  ///< hex as it stands there
};

/// Reads the variable data. Each of `keys` must be a valid JWK, and one must be the AK.
/// Errors  variable_data_malformed, ak_missing.
Result<VariableData> parse_variable_data(Bytes json);

/// The user data as bytes; none where the variable data have none.
/// Errors  user_data_malformed.
Result<ByteVec> user_data_of(const VariableData& variable);

}  // namespace trustee::azure

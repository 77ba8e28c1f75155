#pragma once

#include "attester/machine.h"

namespace trustee::attester {

inline constexpr const char* kSnpDevice = "/dev/sev-guest";
inline constexpr std::size_t kMaxCertificateTable = 16U << 10U;  ///< what the kernel takes at most

/// What `/dev/sev-guest` answers to an extended request.
struct SnpExtendedReport {
  ByteVec report;             ///< 1184 bytes as the firmware signed them
  ByteVec certificate_table;  ///< as the host gave it, zero padded
};

/// An attestation report of VMPL 0 with the host's certificates through the older device. A busy
/// firmware is asked again, a bounded number of times.
/// Errors  file_missing, file_denied, device_failed (with both error words),
/// certificates_too_large,
///         answer_malformed, file_busy.
/// Source  Linux uapi sev-guest.h; client-and-guest specification 9.2.
Result<SnpExtendedReport> snp_device_report(Machine& machine, const ByteArray<64>& report_data);

/// The report inside the firmware's answer (u32 status, u32 size, 24 reserved, the report).
/// Errors  device_failed (status), answer_malformed.
Result<ByteVec> snp_report_of_answer(Bytes answer);

}  // namespace trustee::attester

#pragma once

#include "attester/machine.h"
#include "codec/json.h"

namespace trustee::attester {

/// Whether the kernel offers SNP reports by configfs-tsm or by the older device.
bool snp_detected(Machine& machine);

/// SNP evidence: configfs-tsm where its provider is `sev_guest`, else `/dev/sev-guest`. The report
/// is sent as its fields, which is what servers read; a host without certificates gives
/// `cert_chain: null`.
/// Errors  report_data_too_long; of tsm_report, snp_device_report, parse_certificate_table and
///         snp::parse_report.
/// Source  client-and-guest specification 4.3, 9.1, 9.2.
Result<json::Value> snp_evidence(Machine& machine, Bytes report_data);

/// HOST_DATA of this machine, 32 bytes. Errors: as snp_evidence.
Result<ByteVec> snp_host_data(Machine& machine);

}  // namespace trustee::attester

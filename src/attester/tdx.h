#pragma once

#include "attester/machine.h"
#include "codec/json.h"

namespace trustee::attester {

/// Whether configfs-tsm belongs to TDX, or the older device is there.
bool tdx_detected(Machine& machine);

/// TDX evidence: the quote of configfs-tsm, else the TD report of `/dev/tdx_guest` signed by the
/// quoting service on the host's vsock; and the event log.
/// Errors  report_data_too_long; of tsm_report, quote_of_answer and event_log.
/// Source  client-and-guest specification 4.3, 9.1, 9.3.
Result<json::Value> tdx_evidence(Machine& machine, Bytes report_data);

/// MRCONFIGID of this machine, 48 bytes: from sysfs, else from a TD report.
Result<ByteVec> tdx_config_id(Machine& machine);

/// The register of the event log (1 to 4) that stands for a PCR. Source: the same, 4.4.
std::uint32_t tdx_register_of_pcr(std::uint32_t pcr);

/// Extends RTMR `rtmr` (0 to 3) by a digest, zero padded or cut to 48 bytes.
/// Errors  register_unknown, of Files.
Result<void> tdx_extend(Machine& machine, std::uint32_t rtmr, Bytes digest);

/// The value of RTMR `rtmr`. Errors: as tdx_extend; answer_malformed.
Result<ByteVec> tdx_register(Machine& machine, std::uint32_t rtmr);

}  // namespace trustee::attester

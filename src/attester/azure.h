#pragma once

#include <optional>

#include "attester/machine.h"
#include "azure/hcl_report.h"
#include "codec/json.h"

namespace trustee::attester {

/// The kind of Azure machine whose HCL report the vTPM holds; none where no TPM can be read that
/// holds one.
/// Errors  of azure::parse_hcl_report: there is a report, and it cannot be used.
Result<std::optional<azure::Hardware>> azure_kind(Machine& machine);

/// Evidence of an Azure SNP or TDX machine, version 2: a quote of the vTPM, the HCL report made
/// anew for this report data, and what endorses the hardware: the VCEK of the metadata service, or
/// the TD quote that it makes.
/// Errors  report_data_too_long, hcl_of_other_hardware, hcl_not_refreshed, metadata_failed,
///         answer_malformed; of Tpm, settled_quote, azure::parse_hcl_report, parse_variable_data.
/// Source  client-and-guest specification 4.3, verifiers specification 2 and 9.1.
Result<json::Value> azure_snp_evidence(Machine& machine, Bytes report_data);
Result<json::Value> azure_tdx_evidence(Machine& machine, Bytes report_data);

/// The bare signature inside a marshalled TPMT_SIGNATURE with RSASSA.
/// Errors  tpm_key_unsupported (another algorithm), answer_malformed.
Result<ByteVec> rsassa_signature(Bytes tpmt_signature);

}  // namespace trustee::attester

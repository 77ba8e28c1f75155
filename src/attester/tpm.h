#pragma once

#include "attester/machine.h"
#include "codec/json.h"

namespace trustee::attester {

inline constexpr std::uint32_t kDefaultAkHandle = 0x81010002;
inline constexpr std::uint32_t kInitDataPcr = 8;

/// The TCTI of this machine's TPM: AA_TPM_DEVICE (a path is a device), else `/dev/tpmrm0`, else the
/// first of `/dev/tpm0`, `/dev/tpm1`, `/dev/tpm2`. Errors: file_missing.
Result<std::string> tpm_tcti(Machine& machine);

/// AA_TPM_AK_HANDLE in hexadecimal, with or without `0x`, else 0x81010002.
/// Errors  tpm_handle_malformed.
Result<std::uint32_t> tpm_ak_handle(const Environment& environment);

/// Whether there is a TPM and a usable handle setting; no key is looked for.
bool tpm_detected(Machine& machine);

/// A quote and the PCR values it covers: read before and after, again when they changed between.
struct SettledQuote {
  TpmSigned quote;
  PcrBank pcrs;
};
/// Errors  pcrs_unsettled, those of Tpm.
Result<SettledQuote> settled_quote(Tpm& tpm, std::uint32_t key, Bytes qualifying_data);

/// The values in hexadecimal, PCR 0 first.
json::Array hex_of(const PcrBank& pcrs);

/// TPM evidence. The report data is padded or cut to 32 bytes, as servers compare it so.
/// Errors  those of tpm_tcti, tpm_ak_handle and Tpm.
/// Source  client-and-guest specification 4.3, verifiers specification 10.
Result<json::Value> tpm_evidence(Machine& machine, Bytes report_data);

/// Extends PCR 8 by an initdata digest, once: a PCR that holds this very extension stays, one that
/// holds anything else is refused, since no server would accept the result.
/// Errors  rcar::init_data_size, pcr8_taken, those of Tpm.
/// Source  client-and-guest specification 4.5, 8.2.
Result<void> bind_init_data_to_pcr8(Tpm& tpm, Bytes digest);

}  // namespace trustee::attester

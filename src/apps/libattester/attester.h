#pragma once

// Evidence of the machine that the program runs on, for guests that speak to an attestation service
// themselves. Installed as <trustee/attester.h>; needs C++17. `pkg-config --cflags --libs
// libattester` says how to compile and link.
// Where there is a TPM, every call sets TSS2_LOG in the environment of the process if it is not
// set, so that tpm2-tss writes nothing to standard error: no other thread may use the environment
// meanwhile.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace trustee::guest {

/// What a call gives: `text`, or why there is none.
struct Answer {
  std::string text;
  std::string code;    ///< e.g. `attester.tpm_unavailable`; empty when the call succeeded
  std::string reason;  ///< for the operator; empty when the call succeeded

  bool ok() const { return code.empty(); }
};

/// What kind of machine this is, by the names of the KBS protocol: `tdx`, `snp`, `az-snp-vtpm`,
/// `az-tdx-vtpm`, `tpm`; `sample` when it is none of them.
struct Detected {
  std::string tee;
  /// Hardware that was seen and that there is no attester for, e.g. `sgx`, or whose report cannot
  /// be used. A guest that expects it must not take `sample` for an answer.
  std::vector<std::string> without_attester;
};

/// Looks at the machine. Evidence of `sample` proves nothing; whether to send it is the caller's
/// decision, so it is never made in place of another kind.
Detected detect();

/// Evidence of this machine as a machine of kind `tee`: the JSON that attestation services read.
/// Shape   `report_data` is what the evidence is bound to, usually a digest of nonce and key; 64
///         bytes at most, padded with zeros where the hardware's field is longer; TPMs take 32.
/// Errors  tee_unsupported, report_data_too_long, and what the platform refuses.
/// Cost    blocks, on Azure for some seconds; usually needs root.
Answer evidence(std::string_view tee, const std::uint8_t* report_data, std::size_t size);

/// Binds an initdata digest to the machine (PCR 8 of a TPM, which is extended once), or checks that
/// it was started with it (HOST_DATA, MRCONFIGID). `text` stays empty.
Answer bind_init_data(std::string_view tee, const std::uint8_t* digest, std::size_t size);

}  // namespace trustee::guest

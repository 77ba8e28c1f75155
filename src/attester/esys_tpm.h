#pragma once

#include <memory>
#include <string>

#include "attester/tpm_port.h"

namespace trustee::attester {

/// A TPM 2.0 through tpm2-tss, named as tpm2-tss names them: `device:/dev/tpmrm0`,
/// `swtpm:path=/run/socket`. Hierarchies and keys are used with empty passwords. Not for several
/// threads. Sets TSS2_LOG in the environment of the process where it is not set (tpm2-tss would
/// write to standard error), so no other thread may use the environment meanwhile.
/// Errors  tpm_unavailable.
Result<std::unique_ptr<Tpm>> open_esys_tpm(const std::string& tcti);

}  // namespace trustee::attester

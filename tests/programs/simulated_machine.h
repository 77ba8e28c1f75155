#pragma once

#include "tests/support/fake_machine.h"

namespace trustee {

/// Makes `fake` the machine that the environment describes.
/// SIMULATED_TEE   `none`, `snp` (reports signed by the test hierarchy), `snp-device` (the older
///                 device), `sgx` (hardware without attester), `tpm` (AA_TPM_DEVICE).
/// SIMULATED_FAULT `provider`, `generation`, `generation-text`, `unsigned`, `busy`,
///                 `no-certificates`, or nothing.
/// False when it is none of these.
bool simulate(FakeMachine& fake);

}  // namespace trustee

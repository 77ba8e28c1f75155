#pragma once

#include "tests/support/fake_machine.h"

namespace trustee {

/// Makes `fake` the machine that the environment describes.
/// SIMULATED_TEE   `none`, `snp`, `snp-device` (the older device), `tdx` (quotes of version 4),
///                 `tdx-v5` (version 5, TDX 1.0), `tdx-1.5` (version 5, TDX 1.5), `sgx` (hardware
///                 without attester), `tpm` (AA_TPM_DEVICE).
/// SIMULATED_FAULT `provider`, `generation`, `generation-text`, `unsigned` (the signature is of
///                 something else), `report-data` (of somebody else), `busy`, `no-certificates`, or
///                 nothing.
/// TEST_HIERARCHY  a folder of test-hierarchy with the machine's keys: needed for TDX; SNP has
/// those
///                 of tests/vectors/snp-test-pki else.
/// SIMULATED_CHIP  which of the hierarchy's SNP chips, 0 to 15.
/// False when it is none of these.
bool simulate(FakeMachine& fake);

}  // namespace trustee

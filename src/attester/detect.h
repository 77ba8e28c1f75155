#pragma once

#include <memory>
#include <string>
#include <vector>

#include "attester/machine.h"
#include "client/transport.h"

namespace trustee::attester {

/// What kind of machine this is.
struct Detected {
  rcar::Tee tee = rcar::Tee::sample;
  /// Hardware that was seen and that has no attester here, or whose report none can use: a guest
  /// that expects it must not be sample without a word.
  std::vector<std::string> without_attester;
};

/// Looks at the machine, in the order in which the released client does: tdx, az-tdx-vtpm,
/// az-snp-vtpm, snp, tpm; sample when there is none of them. Beside hardware that no attester here
/// can use (SGX, CSV, CCA, SE, an HCL report), a TPM does not make the machine a tpm.
/// Source  client-and-guest specification 4.1.
Detected detect(Machine& machine);

/// Whether there is an attester for `tee`.
bool has_attester(rcar::Tee tee);

/// Evidence of this machine as a machine of kind `tee`, whatever detection says; further devices as
/// ENABLE_SAMPLE_DEVICE asks for. Lifetime: the machine outlives it.
class MachineSource final : public client::EvidenceSource {
 public:
  /// Errors  tee_unsupported.
  static Result<std::unique_ptr<MachineSource>> create(rcar::Tee tee, Machine& machine);
  rcar::Tee primary() const override { return tee_; }
  Result<json::Value> evidence(Bytes report_data) override;
  Result<std::string> additional(Bytes report_data) override;
  /// Binds an initdata digest to this machine, or checks that it was started with it.
  /// Errors  init_data_mismatch, pcr8_taken, rcar::init_data_size, rcar::init_data_unbound; of the
  ///         machine.
  /// Source  the same, 4.5.
  Result<void> bind_init_data(Bytes digest);

 private:
  MachineSource(rcar::Tee tee, Machine& machine) : tee_(tee), machine_(&machine) {}
  rcar::Tee tee_;
  Machine* machine_;
};

}  // namespace trustee::attester

#include "attester/detect.h"

#include <algorithm>
#include <array>

#include "attester/azure.h"
#include "attester/errors.h"
#include "attester/sample.h"
#include "attester/snp.h"
#include "attester/tdx.h"
#include "attester/tpm.h"
#include "attester/tsm_report.h"
#include "base/try.h"
#include "rcar/errors.h"
#include "rcar/init_data_binding.h"

namespace trustee::attester {
namespace {

using rcar::Tee;

bool azure_tdx_detected(Machine& machine) {
  const auto kind = azure_kind(machine);
  return kind.ok() && *kind == azure::Hardware::tdx;
}

bool azure_snp_detected(Machine& machine) {
  const auto kind = azure_kind(machine);
  return kind.ok() && *kind == azure::Hardware::snp;
}

std::vector<std::string> hardware_without_attester(Machine& machine) {
  std::vector<std::string> out;
  if (machine.environment.occlum || machine.files.exists("/dev/attestation/attestation_type")) {
    out.emplace_back(rcar::to_string(Tee::sgx));
  }
  if (machine.files.exists("/dev/csv-guest")) out.emplace_back(rcar::to_string(Tee::csv));
  if (tsm_belongs_to(machine.files, "arm_cca_guest")) {
    out.emplace_back(rcar::to_string(Tee::cca));
  }
  if (const auto se = machine.files.read("/sys/firmware/uv/prot_virt_guest", 16);
      se.ok() && as_text(*se).starts_with('1')) {
    out.emplace_back(rcar::to_string(Tee::se));
  }
  if (const auto kind = azure_kind(machine); !kind.ok()) {
    out.push_back("Azure's vTPM (" + kind.error().to_string() + ")");
  }
  return out;
}

// Beside other hardware, a quote of the TPM alone would leave out what the machine is.
bool bare_tpm_detected(Machine& machine) {
  return tpm_detected(machine) && hardware_without_attester(machine).empty();
}

Result<json::Value> sample_evidence(Machine&, Bytes report_data) {
  return SampleSource(false).evidence(report_data);
}

bool never(Machine&) { return false; }

struct Row {
  Tee tee;
  bool (*detected)(Machine&);
  Result<json::Value> (*evidence)(Machine&, Bytes);
};

// In the order of detection.
constexpr std::array<Row, 6> kRows = {{{Tee::tdx, tdx_detected, tdx_evidence},
                                       {Tee::az_tdx_vtpm, azure_tdx_detected, azure_tdx_evidence},
                                       {Tee::az_snp_vtpm, azure_snp_detected, azure_snp_evidence},
                                       {Tee::snp, snp_detected, snp_evidence},
                                       {Tee::tpm, bare_tpm_detected, tpm_evidence},
                                       {Tee::sample, never, sample_evidence}}};

const Row* row_of(Tee tee) {
  const auto* row =
      std::find_if(kRows.begin(), kRows.end(), [=](const Row& r) { return r.tee == tee; });
  return row == kRows.end() ? nullptr : row;
}

Result<void> compare(const ByteVec& field, Bytes digest, Tee tee) {
  TRY(const rcar::InitDataBinding wanted, rcar::init_data_binding(tee, digest));
  if (equal(field, wanted.value)) return {};
  return Error(Errc::init_data_mismatch, std::string(wanted.field) + " is another value");
}

}  // namespace

Detected detect(Machine& machine) {
  Detected out;
  for (const Row& row : kRows) {
    if (!row.detected(machine)) continue;
    out.tee = row.tee;
    break;
  }
  if (out.tee == Tee::sample) out.without_attester = hardware_without_attester(machine);
  return out;
}

bool has_attester(Tee tee) { return row_of(tee) != nullptr; }

Result<std::unique_ptr<MachineSource>> MachineSource::create(Tee tee, Machine& machine) {
  if (!has_attester(tee)) {
    return Error(Errc::tee_unsupported,
                 "this client has no attester for " + std::string(rcar::to_string(tee)));
  }
  return std::unique_ptr<MachineSource>(new MachineSource(tee, machine));
}

Result<json::Value> MachineSource::evidence(Bytes report_data) {
  return row_of(tee_)->evidence(*machine_, report_data);
}

Result<std::string> MachineSource::additional(Bytes report_data) {
  return SampleSource(machine_->environment.sample_device).additional(report_data);
}

Result<void> MachineSource::bind_init_data(Bytes digest) {
  switch (tee_) {
    case Tee::tdx: {
      TRY(const ByteVec id, tdx_config_id(*machine_));
      return compare(id, digest, tee_);
    }
    case Tee::snp: {
      TRY(const ByteVec host_data, snp_host_data(*machine_));
      return compare(host_data, digest, tee_);
    }
    case Tee::tpm:
    case Tee::az_snp_vtpm:
    case Tee::az_tdx_vtpm: {
      TRY(const std::string tcti, tpm_tcti(*machine_));
      TRY(const std::unique_ptr<Tpm> tpm, machine_->open_tpm(tcti));
      return bind_init_data_to_pcr8(*tpm, digest);
    }
    case Tee::nvidia:
    case Tee::nvidia_dpu:
    case Tee::sgx:
    case Tee::cca:
    case Tee::csv:
    case Tee::se:
    case Tee::hygon_dcu:
    case Tee::sample:
    case Tee::sample_device:
      break;
  }
  return rcar::Errc::init_data_unbound;
}

}  // namespace trustee::attester

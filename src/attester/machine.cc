#include "attester/machine.h"

#include <cstdlib>

#include "attester/errors.h"

namespace trustee::attester {
namespace {

std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

}  // namespace

Environment Environment::of_process() {
  Environment out;
  out.tpm_device = variable("AA_TPM_DEVICE");
  out.tpm_ak_handle = variable("AA_TPM_AK_HANDLE");
  out.aael_path = variable("AAEL_PATH");
  out.sample_device = variable("ENABLE_SAMPLE_DEVICE").has_value();
  out.occlum = variable("OCCLUM").has_value();
  return out;
}

Result<ByteArray<64>> padded_report_data(Bytes report_data) {
  if (report_data.size() > 64) {
    return Error(Errc::report_data_too_long,
                 std::to_string(report_data.size()) + " bytes of report data, 64 fit");
  }
  return regularised<64>(report_data);
}

}  // namespace trustee::attester

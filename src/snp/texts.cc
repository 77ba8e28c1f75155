#include "snp/texts.h"

#include <array>

#include "amd/errors.h"
#include "snp/errors.h"

namespace trustee::snp {

namespace {

struct Row {
  Code code;
  std::string_view text;
};

}  // namespace

std::optional<std::string_view> upstream_text(const Code& code) {
  using A = amd::Errc;
  static const std::array kTexts{
      Row{Errc::evidence_malformed, "Deserialize SNP Evidence failed"},
      Row{Errc::report_malformed, "Deserialize SNP Evidence failed"},
      Row{Errc::version_too_old,
          "Attestation Report version is too old. Please update your firmware."},
      Row{Errc::version_unexpected,
          "Unexpected attestation report version. Check SNP Firmware ABI specification"},
      Row{Errc::cpuid_family_missing, "Attestation report version 3+ is missing CPU family ID"},
      Row{Errc::cpuid_model_missing, "Attestation report version 3+ is missing CPU model ID"},
      Row{A::processor_family_not_supported, "Processor family not supported"},
      Row{A::processor_model_not_supported, "Processor model not supported"},
      Row{A::ark_not_trusted, "Provided ARK has an invalid signature"},
      Row{A::chain_not_trusted, "Certificate chain provided by user failed to verify"},
      Row{Errc::vek_missing, "If a cert chain is provided, it must include a VCEK/VLEK"},
      Row{A::hardware_id_zero,
          "Hardware ID is 0s on attestation report. Confirm that MASK_CHIP_ID is set to 0 to "
          "request VCEK from KDS."},
      Row{A::fmc_missing, "A Turin processor must have a fmc value"},
      Row{A::vek_extension_missing, "Oid not found"},
      Row{A::vek_extension_malformed, "Unexpected data size"},
      Row{Errc::signature_mismatch, "Report signature verification against VEK signature failed"},
      Row{Errc::chip_id_mismatch, "Chip ID mismatch"},
      Row{Errc::microcode_mismatch, "Microcode version mismatch"},
      Row{Errc::snp_firmware_mismatch, "SNP version mismatch"},
      Row{Errc::tee_mismatch, "TEE version mismatch"},
      Row{Errc::bootloader_mismatch, "Boot loader version mismatch"},
      Row{Errc::fmc_mismatch, "FMC version mismatch"},
      Row{Errc::vmpl_not_zero, "VMPL Check Failed"},
      Row{Errc::report_data_mismatch, "Report Data Mismatch"},
      Row{Errc::host_data_mismatch, "Host Data Mismatch"},
  };
  for (const Row& row : kTexts) {
    if (row.code == code) return row.text;
  }
  return std::nullopt;
}

}  // namespace trustee::snp

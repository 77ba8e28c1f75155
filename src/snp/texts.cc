#include "snp/texts.h"

#include <array>

#include "amd/errors.h"
#include "base/code_text.h"
#include "snp/errors.h"

namespace trustee::snp {

std::optional<std::string_view> upstream_text(const Code& code) {
  using A = amd::Errc;
  static constexpr std::array kTexts{
      CodeText{Errc::evidence_malformed, "Deserialize SNP Evidence failed"},
      CodeText{Errc::report_malformed, "Deserialize SNP Evidence failed"},
      CodeText{Errc::version_too_old,
               "Attestation Report version is too old. Please update your firmware."},
      CodeText{Errc::version_unexpected,
               "Unexpected attestation report version. Check SNP Firmware ABI specification"},
      CodeText{Errc::cpuid_family_missing,
               "Attestation report version 3+ is missing CPU family ID"},
      CodeText{Errc::cpuid_model_missing, "Attestation report version 3+ is missing CPU model ID"},
      CodeText{A::processor_family_not_supported, "Processor family not supported"},
      CodeText{A::processor_model_not_supported, "Processor model not supported"},
      CodeText{A::ark_not_trusted, "Provided ARK has an invalid signature"},
      CodeText{A::chain_not_trusted, "Certificate chain provided by user failed to verify"},
      CodeText{Errc::vek_missing, "If a cert chain is provided, it must include a VCEK/VLEK"},
      CodeText{A::hardware_id_zero,
               "Hardware ID is 0s on attestation report. Confirm that MASK_CHIP_ID is set to 0 to "
               "request VCEK from KDS."},
      CodeText{A::fmc_missing, "A Turin processor must have a fmc value"},
      CodeText{A::vek_extension_missing, "Oid not found"},
      CodeText{A::vek_extension_malformed, "Unexpected data size"},
      CodeText{Errc::signature_mismatch,
               "Report signature verification against VEK signature failed"},
      CodeText{Errc::chip_id_mismatch, "Chip ID mismatch"},
      CodeText{Errc::microcode_mismatch, "Microcode version mismatch"},
      CodeText{Errc::snp_firmware_mismatch, "SNP version mismatch"},
      CodeText{Errc::tee_mismatch, "TEE version mismatch"},
      CodeText{Errc::bootloader_mismatch, "Boot loader version mismatch"},
      CodeText{Errc::fmc_mismatch, "FMC version mismatch"},
      CodeText{Errc::vmpl_not_zero, "VMPL Check Failed"},
      CodeText{Errc::report_data_mismatch, "Report Data Mismatch"},
      CodeText{Errc::host_data_mismatch, "Host Data Mismatch"},
  };
  return find_text(kTexts, code);
}

}  // namespace trustee::snp

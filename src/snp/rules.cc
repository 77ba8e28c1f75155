#include <algorithm>
#include <string>

#include "crypto/key.h"
#include "snp/errors.h"
#include "snp/verify.h"

namespace trustee::snp {

namespace {

constexpr std::uint32_t kEcdsaP384Sha384 = 1;
constexpr std::size_t kFieldSize = 48;

bool all_zero(Bytes b) {
  return std::all_of(b.begin(), b.end(), [](std::uint8_t x) { return x == 0; });
}

/// Writes a little-endian scalar of 72 bytes as 48 big-endian ones; false when it is larger.
bool to_big_endian(const ByteArray<kScalarSize>& in, std::span<std::uint8_t, kFieldSize> out) {
  std::reverse_copy(in.begin(), in.begin() + kFieldSize, out.begin());
  return all_zero(Bytes(in).subspan(kFieldSize));
}

Result<void> check_part(std::uint8_t reported, std::uint8_t endorsed, Errc otherwise) {
  if (reported == endorsed) return {};
  return Error(otherwise,
               "reported " + std::to_string(reported) + ", endorsed " + std::to_string(endorsed));
}

}  // namespace

Result<void> check_version(std::uint32_t version) {
  if (version >= kOldestAccepted) return {};
  return Error(Errc::version_too_old, "version " + std::to_string(version));
}

Result<void> check_signature_algorithm(const Report& report) {
  if (report.signature_algorithm == kEcdsaP384Sha384) return {};
  return Error(Errc::signature_algorithm_unsupported,
               "SIGNATURE_ALGO is " + std::to_string(report.signature_algorithm));
}

Result<void> check_signature(const Report& report, const crypto::PublicKey& vek) {
  ByteArray<2 * kFieldSize> r_s{};
  const std::span<std::uint8_t, 2 * kFieldSize> out(r_s);
  if (!to_big_endian(report.signature_r, out.first<kFieldSize>()) ||
      !to_big_endian(report.signature_s, out.last<kFieldSize>())) {
    return Error(Errc::signature_mismatch, "r or s is longer than 48 bytes");
  }
  auto verified = vek.verify(crypto::SignatureScheme::es384, report.signed_bytes(), r_s);
  if (verified.ok()) return {};
  return Error(Errc::signature_mismatch, verified.error().to_string());
}

Result<void> check_signing_key(const Report& report, amd::VekKind kind) {
  const std::uint32_t wanted = kind == amd::VekKind::vlek ? kSigningKeyVlek : kSigningKeyVcek;
  if (report.signing_key() == wanted) return {};
  return Error(Errc::signing_key_mismatch,
               "KEY_INFO.SIGNING_KEY is " + std::to_string(report.signing_key()) +
                   ", the certificate is a " + std::string(amd::to_string(kind)));
}

Result<void> check_chip_id(const Report& report, const amd::VekExtensions& vek) {
  if (!vek.hwid.has_value()) return {};     // a VLEK is not of one chip
  if (all_zero(report.chip_id)) return {};  // MASK_CHIP_ID: signed as zero by this very key
  if (amd::hwid_matches(*vek.hwid, report.chip_id)) return {};
  return Errc::chip_id_mismatch;
}

Result<void> check_reported_tcb(const Report& report, const amd::VekExtensions& vek) {
  const amd::Tcb& reported = report.reported_tcb;
  const amd::Tcb& endorsed = vek.tcb;
  const Result<void> parts[] = {
      check_part(reported.microcode, endorsed.microcode, Errc::microcode_mismatch),
      check_part(reported.snp, endorsed.snp, Errc::snp_firmware_mismatch),
      check_part(reported.tee, endorsed.tee, Errc::tee_mismatch),
      check_part(reported.bootloader, endorsed.bootloader, Errc::bootloader_mismatch),
  };
  for (const Result<void>& part : parts) {
    if (!part.ok()) return part;
  }
  if (reported.fmc == endorsed.fmc) return {};
  return Errc::fmc_mismatch;
}

Result<void> check_vmpl(const Report& report) {
  if (report.vmpl == 0) return {};
  return Error(Errc::vmpl_not_zero, "VMPL is " + std::to_string(report.vmpl));
}

Result<void> check_report_data(const Report& report, const claims::Expected& expected) {
  if (!expected.report_data.has_value()) return {};  // nothing was given to compare with
  if (report.report_data == regularised<64>(*expected.report_data)) return {};
  return Errc::report_data_mismatch;
}

Result<void> check_host_data(const Report& report, const claims::Expected& expected) {
  if (!expected.init_data_hash.has_value()) return {};  // nothing was given to compare with
  if (report.host_data == regularised<32>(*expected.init_data_hash)) return {};
  return Errc::host_data_mismatch;
}

}  // namespace trustee::snp

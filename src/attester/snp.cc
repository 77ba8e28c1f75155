#include "attester/snp.h"

#include "attester/certificate_table.h"
#include "attester/snp_device.h"
#include "attester/tsm_report.h"
#include "base/try.h"
#include "snp/evidence.h"
#include "snp/format.h"

namespace trustee::attester {
namespace {

constexpr std::string_view kProvider = "sev_guest";
constexpr const char* kPlatformDevice = "/sys/devices/platform/sev-guest";

Result<SnpExtendedReport> extended_report(Machine& machine, const ByteArray<64>& report_data) {
  if (!tsm_belongs_to(machine.files, kProvider)) return snp_device_report(machine, report_data);
  TRY(TsmReport report, tsm_report(machine, kProvider, report_data));
  return SnpExtendedReport{std::move(report.outblob), std::move(report.auxblob)};
}

}  // namespace

bool snp_detected(Machine& machine) {
  return machine.files.exists(kPlatformDevice) || tsm_belongs_to(machine.files, kProvider);
}

Result<json::Value> snp_evidence(Machine& machine, Bytes report_data) {
  TRY(const auto padded, padded_report_data(report_data));
  TRY(const SnpExtendedReport got, extended_report(machine, padded));
  TRY(const snp::Report report, snp::parse_report(got.report));
  TRY(auto certificates, parse_certificate_table(got.certificate_table));
  std::optional<std::vector<snp::CertificateEntry>> chain;
  if (!certificates.empty()) chain = std::move(certificates);
  return snp::evidence_value(report, chain);
}

Result<ByteVec> snp_host_data(Machine& machine) {
  TRY(const SnpExtendedReport got, extended_report(machine, {}));
  TRY(const snp::Report report, snp::parse_report(got.report));
  return to_vec(report.host_data);
}

}  // namespace trustee::attester

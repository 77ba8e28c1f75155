#include "attester/tdx.h"

#include <linux/ioctl.h>

#include <algorithm>
#include <cstring>

#include "attester/errors.h"
#include "attester/event_log.h"
#include "attester/quoting_service.h"
#include "attester/tsm_report.h"
#include "base/cursor.h"
#include "base/try.h"
#include "codec/base64.h"

namespace trustee::attester {
namespace {

constexpr std::string_view kProvider = "tdx_guest";
constexpr const char* kDevice = "/dev/tdx_guest";
constexpr const char* kMeasurements = "/sys/devices/virtual/misc/tdx_guest/measurements/";
constexpr std::size_t kRegisterSize = 48;
constexpr std::uint32_t kRtmrCount = 4;

struct ReportRequest {
  std::uint8_t report_data[64];
  std::uint8_t report[kTdReportSize];
};
constexpr unsigned long kGetReport = _IOWR('T', 1, ReportRequest);

// TDREPORT: MRCONFIGID is in TDINFO (at 512), behind attributes 8, xfam 8, mrtd 48.
constexpr std::size_t kConfigIdOffset = 512 + 8 + 8 + 48;

Result<ByteArray<kTdReportSize>> td_report(Machine& machine, const ByteArray<64>& report_data) {
  ReportRequest request{};
  std::copy(report_data.begin(), report_data.end(), std::begin(request.report_data));
  TRY(const int error, machine.devices.control(kDevice, kGetReport, &request));
  if (error != 0) return Error(Errc::device_failed, std::strerror(error));
  return Cursor(request.report).array<kTdReportSize>();
}

Result<ByteVec> quote_of(Machine& machine, const ByteArray<64>& report_data) {
  if (tsm_belongs_to(machine.files, kProvider)) {
    TRY(TsmReport report, tsm_report(machine, kProvider, report_data));
    return std::move(report.outblob);
  }
  TRY(const auto report, td_report(machine, report_data));
  TRY(const ByteVec answer,
      machine.devices.ask_host(kQuotingServicePort, quote_request(report), kMaxBlob + 1024));
  return quote_of_answer(answer);
}

Result<std::string> rtmr_path(std::uint32_t rtmr) {
  if (rtmr >= kRtmrCount) return Error(Errc::register_unknown, "RTMR " + std::to_string(rtmr));
  return std::string(kMeasurements) + "rtmr" + std::to_string(rtmr) + ":sha384";
}

Result<ByteVec> register_file(Machine& machine, const std::string& path) {
  TRY(ByteVec value, machine.files.read(path, kRegisterSize));
  if (value.size() != kRegisterSize) {
    return Error(Errc::answer_malformed, path + ": " + std::to_string(value.size()) + " bytes");
  }
  return value;
}

}  // namespace

bool tdx_detected(Machine& machine) {
  return machine.files.exists(kDevice) || tsm_belongs_to(machine.files, kProvider);
}

Result<json::Value> tdx_evidence(Machine& machine, Bytes report_data) {
  TRY(const auto padded, padded_report_data(report_data));
  TRY(const ByteVec quote, quote_of(machine, padded));
  TRY(const auto log, event_log(machine));
  json::Object out;
  out.append("cc_eventlog", log ? json::Value(codec::base64_encode(*log)) : json::Value());
  out.append("quote", codec::base64_encode(quote));
  return json::Value(std::move(out));
}

Result<ByteVec> tdx_config_id(Machine& machine) {
  const std::string path = std::string(kMeasurements) + "mrconfigid";
  if (machine.files.exists(path)) return register_file(machine, path);
  TRY(const auto report, td_report(machine, {}));
  Cursor in(report);
  in.skip(kConfigIdOffset);
  return to_vec(in.take(kRegisterSize));
}

std::uint32_t tdx_register_of_pcr(std::uint32_t pcr) {
  if (pcr == 1 || pcr == 7) return 1;
  if (pcr >= 2 && pcr <= 6) return 2;
  if (pcr >= 8 && pcr <= 15) return 3;
  return 4;
}

Result<void> tdx_extend(Machine& machine, std::uint32_t rtmr, Bytes digest) {
  TRY(const std::string path, rtmr_path(rtmr));
  return machine.files.write(path, regularised<kRegisterSize>(digest));
}

Result<ByteVec> tdx_register(Machine& machine, std::uint32_t rtmr) {
  TRY(const std::string path, rtmr_path(rtmr));
  return register_file(machine, path);
}

}  // namespace trustee::attester

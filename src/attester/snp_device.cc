#include "attester/snp_device.h"

#include <linux/ioctl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "attester/errors.h"
#include "base/cursor.h"
#include "base/try.h"
#include "snp/format.h"

namespace trustee::attester {
namespace {

using std::chrono::milliseconds;

// The kernel's structures, with the error word in its newer, wider form.
struct Request {
  std::uint8_t user_data[64];
  std::uint32_t vmpl;
  std::uint8_t reserved[28];
};
struct ExtendedRequest {
  Request data;
  std::uint64_t certs_address;
  std::uint32_t certs_len;
};
struct Response {
  std::uint8_t data[4000];
};
struct GuestRequest {
  std::uint8_t msg_version;
  std::uint64_t req_data;
  std::uint64_t resp_data;
  std::uint64_t exitinfo2;
};
static_assert(sizeof(Request) == 96 && sizeof(ExtendedRequest) == 112);
static_assert(sizeof(GuestRequest) == 32);

constexpr unsigned long kGetExtendedReport = _IOWR('S', 2, GuestRequest);
constexpr std::uint32_t kVmmInvalidLength = 1;
constexpr std::uint32_t kVmmBusy = 2;
constexpr int kAttempts = 5;
constexpr milliseconds kPause{100};

std::uint64_t address_of(void* p) { return reinterpret_cast<std::uintptr_t>(p); }

std::uint32_t vmm_error(const GuestRequest& request) {
  return static_cast<std::uint32_t>(request.exitinfo2 >> 32U);
}

Error refused(int error, const GuestRequest& request) {
  if (vmm_error(request) == kVmmInvalidLength) return Errc::certificates_too_large;
  return Error(Errc::device_failed,
               std::string(std::strerror(error)) + ", firmware error " +
                   std::to_string(static_cast<std::uint32_t>(request.exitinfo2)) + ", VMM error " +
                   std::to_string(vmm_error(request)));
}

}  // namespace

Result<ByteVec> snp_report_of_answer(Bytes answer) {
  Cursor in(answer);
  const std::uint32_t status = in.u32le();
  TRY(const std::size_t size, in.length_u32le(snp::kReportSize));
  in.skip(24);
  const Bytes report = in.take(size);
  if (in.failed()) return Errc::answer_malformed;
  if (status != 0) return Error(Errc::device_failed, "report status " + std::to_string(status));
  if (size != snp::kReportSize) {
    return Error(Errc::answer_malformed, "a report of " + std::to_string(size) + " bytes");
  }
  return to_vec(report);
}

Result<SnpExtendedReport> snp_device_report(Machine& machine, const ByteArray<64>& report_data) {
  ByteVec table(kMaxCertificateTable);
  for (int attempt = 1;; ++attempt) {
    ExtendedRequest wanted{};
    std::copy(report_data.begin(), report_data.end(), std::begin(wanted.data.user_data));
    wanted.certs_address = address_of(table.data());
    wanted.certs_len = static_cast<std::uint32_t>(table.size());
    Response answer{};
    GuestRequest request{1, address_of(&wanted), address_of(&answer), 0};
    TRY(const int error, machine.devices.control(kSnpDevice, kGetExtendedReport, &request));
    if (error == 0) {
      TRY(ByteVec report, snp_report_of_answer(answer.data));
      return SnpExtendedReport{std::move(report), std::move(table)};
    }
    const bool busy = vmm_error(request) == kVmmBusy || error == EAGAIN || error == EINTR;
    if (!busy) return refused(error, request);
    if (attempt == kAttempts) return Error(Errc::file_busy, kSnpDevice);
    machine.pause(kPause * attempt);
  }
}

}  // namespace trustee::attester

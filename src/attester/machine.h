#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "attester/tpm_port.h"
#include "base/bytes.h"
#include "base/result.h"

namespace trustee::attester {

/// Files of the machine below a root that tests replace; paths are absolute in the machine.
/// Errors of all calls: file_missing (also: no driver behind it), file_denied, file_busy,
/// file_failed.
class Files {
 public:
  virtual ~Files() = default;
  virtual bool exists(const std::string& path) = 0;
  /// All of it. Errors: file_too_large when there is more than `max`.
  virtual Result<ByteVec> read(const std::string& path, std::size_t max) = 0;
  /// One open, one write, one close of a file that is there, as configfs and sysfs want it.
  virtual Result<void> write(const std::string& path, Bytes data) = 0;
  virtual Result<void> make_directory(const std::string& path) = 0;
  virtual Result<void> remove_directory(const std::string& path) = 0;
  /// Overwrites from `offset` on, cuts what follows, creates what is missing (mode 0600), and
  /// returns when the disk has it.
  virtual Result<void> store(const std::string& path, std::uint64_t offset, Bytes data) = 0;
  /// Puts a file (mode 0600) in the place of what is there, all of it or nothing of it whatever
  /// interrupts, and returns when the disk has it.
  virtual Result<void> replace(const std::string& path, Bytes data) = 0;
  virtual Result<void> remove(const std::string& path) = 0;
};

/// Devices below the same root.
class Devices {
 public:
  virtual ~Devices() = default;
  /// The errno of one ioctl, 0 for success; `argument` as the request defines it.
  /// Errors: file_missing, file_denied, file_failed when the device cannot be opened.
  virtual Result<int> control(const std::string& path, unsigned long request, void* argument) = 0;
  /// One message to a vsock port of the host and its answer, each behind its length (u32,
  /// big-endian). Errors: file_missing, file_failed; file_too_large above `max`.
  virtual Result<ByteVec> ask_host(std::uint32_t vsock_port, Bytes message, std::size_t max) = 0;
};

/// The cloud's metadata service at 169.254.169.254. Errors: metadata_failed.
class Metadata {
 public:
  virtual ~Metadata() = default;
  /// The body of a 200 answer; sends `Metadata: true`.
  virtual Result<std::string> get(const std::string& path) = 0;
  virtual Result<std::string> post_json(const std::string& path, const std::string& body) = 0;
};

/// What the environment of the process says to attesters.
struct Environment {
  std::optional<std::string> tpm_device;  ///< AA_TPM_DEVICE: a path, or a TCTI as tpm2-tss has it
  std::optional<std::string> tpm_ak_handle;  ///< AA_TPM_AK_HANDLE
  std::optional<std::string> aael_path;      ///< AAEL_PATH
  bool sample_device = false;                ///< ENABLE_SAMPLE_DEVICE, whatever its value
  bool occlum = false;                       ///< OCCLUM, whatever its value

  static Environment of_process();
};

/// Everything that evidence is made from. Lifetime: the ports outlive it.
struct Machine {
  Files& files;
  Devices& devices;
  Metadata& metadata;
  /// Opens a TPM by its TCTI, e.g. `device:/dev/tpmrm0`. Errors: tpm_unavailable.
  std::function<Result<std::unique_ptr<Tpm>>(const std::string& tcti)> open_tpm;
  /// Waits; tests do not.
  std::function<void(std::chrono::milliseconds)> pause;
  Environment environment;
};

/// Report data padded with zeros to the 64 bytes of most reports.
/// Errors  report_data_too_long.
Result<ByteArray<64>> padded_report_data(Bytes report_data);

}  // namespace trustee::attester

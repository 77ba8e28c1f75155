#pragma once

#include <string>

#include "attester/machine.h"

namespace trustee::attester {

/// Files of this machine, below a directory (empty: the real root).
class LinuxFiles final : public Files {
 public:
  explicit LinuxFiles(std::string root = {}) : root_(std::move(root)) {}
  bool exists(const std::string& path) override;
  Result<ByteVec> read(const std::string& path, std::size_t max) override;
  Result<void> write(const std::string& path, Bytes data) override;
  Result<void> make_directory(const std::string& path) override;
  Result<void> remove_directory(const std::string& path) override;
  Result<void> store(const std::string& path, std::uint64_t offset, Bytes data) override;
  Result<void> replace(const std::string& path, Bytes data) override;
  Result<void> remove(const std::string& path) override;

 private:
  std::string root_;
};

/// Devices of this machine, below a directory (empty: the real root).
class LinuxDevices final : public Devices {
 public:
  explicit LinuxDevices(std::string root = {}) : root_(std::move(root)) {}
  Result<int> control(const std::string& path, unsigned long request, void* argument) override;
  Result<ByteVec> ask_host(std::uint32_t vsock_port, Bytes message, std::size_t max) override;

 private:
  std::string root_;
};

}  // namespace trustee::attester

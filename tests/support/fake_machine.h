#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "attester/machine.h"

namespace trustee {

/// The kernel's configfs-tsm, as far as guests use it. Reports are made by `outblob`; everything
/// else can be made to go wrong.
struct FakeTsm {
  std::string provider = "sev_guest\n";
  std::function<Result<ByteVec>(const ByteArray<64>&)> outblob;
  std::optional<ByteVec> auxblob;
  std::optional<std::string> generation;  ///< instead of the true count
  int busy_reads = 0;                     ///< so many reads of outblob find it busy
  int foreign_writes = 0;                 ///< so many reports see a write of somebody else
};

/// Files in memory, with configfs-tsm below /sys/kernel/config when there is one.
class FakeFiles final : public attester::Files {
 public:
  std::map<std::string, ByteVec> content;
  std::optional<FakeTsm> tsm;
  /// Every write in order, as `name=value`; the names of configfs attributes alone.
  std::vector<std::string> writes;
  int directories_made = 0;
  /// Called after each change; what it returns, instead of success.
  std::function<Result<void>(const std::string& path)> after_change;

  std::size_t directories_left() const { return reports_.size(); }

  bool exists(const std::string& path) override;
  Result<ByteVec> read(const std::string& path, std::size_t max) override;
  Result<void> write(const std::string& path, Bytes data) override;
  Result<void> make_directory(const std::string& path) override;
  Result<void> remove_directory(const std::string& path) override;
  Result<void> store(const std::string& path, std::uint64_t offset, Bytes data) override;
  Result<void> replace(const std::string& path, Bytes data) override;
  Result<void> remove(const std::string& path) override;

 private:
  struct Report {
    int generation = 0;
    std::optional<ByteVec> inblob;
  };
  Result<ByteVec> read_report(Report& report, const std::string& attribute);
  Result<void> changed(const std::string& path);

  std::map<std::string, Report> reports_;
};

/// Devices that answer through functions; without one they are not there.
class FakeDevices final : public attester::Devices {
 public:
  std::function<int(const std::string& path, unsigned long request, void* argument)> on_control;
  std::function<Result<ByteVec>(std::uint32_t port, Bytes message)> on_host;
  int controls = 0;

  Result<int> control(const std::string& path, unsigned long request, void* argument) override;
  Result<ByteVec> ask_host(std::uint32_t port, Bytes message, std::size_t max) override;
};

/// A TPM that answers as told and remembers what was asked.
class FakeTpm final : public attester::Tpm {
 public:
  std::map<std::uint32_t, ByteVec> nv;
  std::map<std::uint32_t, crypto::PublicKey> keys;
  attester::PcrBank pcrs;
  attester::TpmSigned answer;
  ByteVec quoted_data;  ///< of the last quote
  int quotes = 0;
  int changes_while_quoting = 0;         ///< so many quotes are overtaken by an extension
  std::function<void()> after_nv_write;  ///< e.g. the firmware makes its report anew

  Result<ByteVec> nv_read(std::uint32_t index) override;
  Result<void> nv_write(std::uint32_t index, Bytes data) override;
  Result<attester::PcrBank> read_pcrs() override { return pcrs; }
  Result<attester::TpmSigned> quote(std::uint32_t key, Bytes qualifying_data) override;
  Result<crypto::PublicKey> public_key(std::uint32_t key) override;
  Result<void> extend_pcr(std::uint32_t index, const ByteArray<32>& digest) override;
};

/// A metadata service with fixed answers by path; the requests' bodies are kept.
class FakeMetadata final : public attester::Metadata {
 public:
  std::map<std::string, std::string> answers;
  std::vector<std::string> asked;  ///< `GET path` or `POST path body`

  Result<std::string> get(const std::string& path) override;
  Result<std::string> post_json(const std::string& path, const std::string& body) override;

 private:
  Result<std::string> answer(const std::string& path);
};

/// A machine of fakes. The TPM, when there is one, is under every TCTI.
struct FakeMachine {
  FakeFiles files;
  FakeDevices devices;
  FakeMetadata metadata;
  std::shared_ptr<FakeTpm> tpm;
  std::vector<std::string> opened_tpms;
  int pauses = 0;
  attester::Machine machine;

  FakeMachine();
  FakeMachine(const FakeMachine&) = delete;
  FakeMachine& operator=(const FakeMachine&) = delete;
};

}  // namespace trustee
